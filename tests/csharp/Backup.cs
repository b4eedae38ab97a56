// SPDX-License-Identifier: MIT
// A client with declarations of its own, as libraries of managed wrappers have them: exact names, plain for ANSI, W for UTF-16.
// usage: Backup FOLDER TARGET, two empty folders: a full backup, one that is stopped, and the engine's own with a callback.
using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading;

static class NativeMethods
{
    const string Esent = "esent.dll";

    [UnmanagedFunctionPointer(CallingConvention.StdCall)]
    public delegate int JET_PFNSTATUS(IntPtr sesid, uint snp, uint snt, IntPtr data);

    [StructLayout(LayoutKind.Sequential)]
    public struct JET_SNPROG
    {
        public uint cbStruct;
        public uint cunitDone;
        public uint cunitTotal;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct NATIVE_INSTANCE_INFO
    {
        public IntPtr hInstanceId;
        public IntPtr szInstanceName;
        public IntPtr cDatabases;
        public IntPtr szDatabaseFileName;
        public IntPtr szDatabaseDisplayName;
        public IntPtr szDatabaseSLVFileName;
    }

    [StructLayout(LayoutKind.Sequential, CharSet = CharSet.Unicode)]
    public struct JET_LOGINFO
    {
        public uint cbSize;
        public uint ulGenLow;
        public uint ulGenHigh;
        [MarshalAs(UnmanagedType.ByValTStr, SizeConst = 4)]
        public string szBaseName;
    }

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetCreateInstance2W(out IntPtr instance, string szInstanceName, string szDisplayName, uint grbit);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetSetSystemParameterW(ref IntPtr pinstance, IntPtr sesid, uint paramid, IntPtr lParam, string szParam);

    [DllImport(Esent, CharSet = CharSet.Ansi, ExactSpelling = true)]
    public static extern int JetSetSystemParameter(IntPtr pinstance, IntPtr sesid, uint paramid, IntPtr lParam, string szParam);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetGetSystemParameterW(
        IntPtr instance, IntPtr sesid, uint paramid, ref IntPtr plParam, [Out] StringBuilder szParam, uint cbMax);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetInit2(ref IntPtr instance, uint grbit);

    [DllImport(Esent, CharSet = CharSet.Ansi, ExactSpelling = true)]
    public static extern int JetBeginSession(IntPtr instance, out IntPtr session, string username, string password);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetCreateDatabaseW(IntPtr sesid, string szFilename, string szConnect, out uint dbid, uint grbit);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetBeginExternalBackupInstance(IntPtr instance, uint grbit);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetGetAttachInfoInstanceW(IntPtr instance, [Out] char[] wszzDatabases, uint cbMax, out uint pcbActual);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetGetLogInfoInstance2W(
        IntPtr instance, [Out] char[] wszzLogs, uint cbMax, out uint pcbActual, ref JET_LOGINFO pLogInfo);

    [DllImport(Esent, CharSet = CharSet.Ansi, ExactSpelling = true)]
    public static extern int JetGetLogInfoInstance(IntPtr instance, [Out] byte[] szzLogs, uint cbMax, out uint pcbActual);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetOpenFileInstanceW(
        IntPtr instance, string wszFileName, out IntPtr phfFile, out uint pulFileSizeLow, out uint pulFileSizeHigh);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetReadFileInstance(IntPtr instance, IntPtr hfFile, IntPtr pv, uint cb, out uint pcbActual);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetCloseFileInstance(IntPtr instance, IntPtr hfFile);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetTruncateLogInstance(IntPtr instance);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetEndExternalBackupInstance2(IntPtr instance, uint grbit);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetStopBackupInstance(IntPtr instance);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetBackupInstanceW(IntPtr instance, string szBackupPath, uint grbit, JET_PFNSTATUS pfnStatus);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetGetInstanceInfoW(out uint pcInstanceInfo, out IntPtr prgInstanceInfo);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetFreeBuffer(IntPtr pbBuf);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetTerm2(IntPtr instance, uint grbit);
}

static class Backup
{
    const int Size = 65536, AbortByServer = -801;
    const uint BackupAtomic = 4, EndNormal = 1, EndAbort = 2, TermComplete = 1;
    const uint ParamSystemPath = 0, ParamLogFilePath = 2;

    static readonly IntPtr Nil = new IntPtr(~0);

    static void Is<T>(T expected, T found, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
            throw new Exception(what + " is " + found + ", not " + expected);
    }

    static void Check(int error)
    {
        if (error < 0)
            throw new Exception("JET error " + error);
    }

    // Return a place at a multiple of 64 KiB in memory that is never freed.
    static IntPtr Aligned()
    {
        long start = Marshal.AllocHGlobal(2 * Size).ToInt64();
        return new IntPtr((start + Size - 1) / Size * Size);
    }

    static IEnumerable<string> Names(char[] list)
    {
        foreach (string name in new string(list).Split('\0'))
        {
            if (name.Length == 0)
                yield break;
            yield return name;
        }
    }

    // Copy a file; return the error of the read that failed, or 0.
    static int Copy(IntPtr instance, string name, string target, IntPtr buffer, Action<long> progress)
    {
        IntPtr file;
        uint low, high, count;
        var bytes = new byte[Size];
        int error;
        long copied = 0;
        Check(NativeMethods.JetOpenFileInstanceW(instance, name, out file, out low, out high));
        Is(IntPtr.Zero, file, "the handle");
        using (var saved = File.Create(Path.Combine(target, Path.GetFileName(name))))
        {
            while ((error = NativeMethods.JetReadFileInstance(instance, file, buffer, Size, out count)) == 0 && count > 0)
            {
                Marshal.Copy(buffer, bytes, 0, (int)count);
                saved.Write(bytes, 0, (int)count);
                copied += count;
                progress(copied);
            }
        }
        Check(NativeMethods.JetCloseFileInstance(instance, file));
        if (error == 0)
            Is(((long)high << 32) | low, copied, "the size of " + name);
        return error;
    }

    static char[] Databases(IntPtr instance)
    {
        uint actual;
        Check(NativeMethods.JetGetAttachInfoInstanceW(instance, null, 0, out actual));
        var list = new char[actual / 2];
        Check(NativeMethods.JetGetAttachInfoInstanceW(instance, list, actual, out actual));
        return list;
    }

    static void Full(IntPtr instance, string target, IntPtr buffer)
    {
        uint actual;
        Check(NativeMethods.JetBeginExternalBackupInstance(instance, 0));
        foreach (string name in Names(Databases(instance)))
            Check(Copy(instance, name, target, buffer, _ => { }));
        var logs = new char[4096];
        var info = new NativeMethods.JET_LOGINFO { cbSize = (uint)Marshal.SizeOf(typeof(NativeMethods.JET_LOGINFO)) };
        Check(NativeMethods.JetGetLogInfoInstance2W(instance, logs, 8192, out actual, ref info));
        Is("edb", info.szBaseName, "the base name");
        uint count = 0;
        foreach (string name in Names(logs))
        {
            Check(Copy(instance, name, target, buffer, _ => { }));
            count++;
        }
        Is(info.ulGenHigh - info.ulGenLow + 1, count, "the number of logs");
        var ansi = new byte[4096];
        Check(NativeMethods.JetGetLogInfoInstance(instance, ansi, (uint)ansi.Length, out actual));
        Is(string.Join("\0", Names(logs)) + "\0\0", Encoding.ASCII.GetString(ansi, 0, (int)actual), "the ANSI list");
        Check(NativeMethods.JetTruncateLogInstance(instance));
        Check(NativeMethods.JetEndExternalBackupInstance2(instance, EndNormal));
    }

    static void Stopped(IntPtr instance, string target, IntPtr buffer)
    {
        Check(NativeMethods.JetBeginExternalBackupInstance(instance, 0));
        string name = new List<string>(Names(Databases(instance)))[0];
        int error = Copy(instance, name, target, buffer, copied =>
        {
            if (copied != Size)
                return;
            var other = new Thread(() => Check(NativeMethods.JetStopBackupInstance(instance)));
            other.Start();
            other.Join();
        });
        Is(AbortByServer, error, "the read after the stop");
        Check(NativeMethods.JetEndExternalBackupInstance2(instance, EndAbort));
    }

    static void Own(IntPtr instance, string target)
    {
        uint last = 0, calls = 0;
        NativeMethods.JET_PFNSTATUS status = (sesid, snp, snt, data) =>
        {
            calls++;
            if (data != IntPtr.Zero)
            {
                var progress = (NativeMethods.JET_SNPROG)Marshal.PtrToStructure(data, typeof(NativeMethods.JET_SNPROG));
                Is(12u, progress.cbStruct, "the size of JET_SNPROG");
                last = progress.cunitDone;
            }
            return 0;
        };
        Check(NativeMethods.JetBackupInstanceW(instance, target, BackupAtomic, status));
        GC.KeepAlive(status);
        Is(true, calls > 1 && last > 0, "that the callback was told of progress");
    }

    static void Shown(IntPtr instance, string database)
    {
        uint count;
        IntPtr infos;
        Check(NativeMethods.JetGetInstanceInfoW(out count, out infos));
        Is(1u, count, "the number of instances");
        var info = (NativeMethods.NATIVE_INSTANCE_INFO)Marshal.PtrToStructure(infos, typeof(NativeMethods.NATIVE_INSTANCE_INFO));
        Is(instance, info.hInstanceId, "the instance");
        Is("mail", Marshal.PtrToStringUni(info.szInstanceName), "its name");
        Is(1, info.cDatabases.ToInt32(), "the number of its databases");
        Is(database, Marshal.PtrToStringUni(Marshal.ReadIntPtr(info.szDatabaseFileName)), "its database");
        Check(NativeMethods.JetFreeBuffer(infos));
    }

    static int Main(string[] arguments)
    {
        string folder = arguments[0], target = arguments[1], database = Path.Combine(folder, "mail.edb");
        IntPtr instance, session, buffer = Aligned(), value = IntPtr.Zero;
        uint dbid;
        var path = new StringBuilder(260);
        Check(NativeMethods.JetCreateInstance2W(out instance, "mail", "Mail", 0));
        Check(NativeMethods.JetSetSystemParameterW(ref instance, Nil, ParamSystemPath, IntPtr.Zero, folder + "/"));
        Check(NativeMethods.JetSetSystemParameterW(ref instance, Nil, ParamLogFilePath, IntPtr.Zero, folder + "/"));
        Check(NativeMethods.JetInit2(ref instance, 0));
        Check(NativeMethods.JetGetSystemParameterW(instance, Nil, ParamLogFilePath, ref value, path, 520));
        Is(folder + "/", path.ToString(), "the folder of the logs");
        Check(NativeMethods.JetBeginSession(instance, out session, null, null));
        Check(NativeMethods.JetCreateDatabaseW(session, database, null, out dbid, 0));
        foreach (string each in new[] { "full", "stopped", "own" })
            Directory.CreateDirectory(Path.Combine(target, each));

        Full(instance, Path.Combine(target, "full"), buffer);
        Stopped(instance, Path.Combine(target, "stopped"), buffer);
        Own(instance, Path.Combine(target, "own"));
        Shown(instance, database);
        Check(NativeMethods.JetTerm2(instance, TermComplete));
        Is(true, NativeMethods.JetBeginExternalBackupInstance(instance, 0) < 0, "that the handle is stale");
        Console.WriteLine("backed up");
        return 0;
    }
}
