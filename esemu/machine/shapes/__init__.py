# SPDX-License-Identifier: MIT
"""The shapes of calls: classes with the fields that a call has beside its handle, grouped as the rules are."""
