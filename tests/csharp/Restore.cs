// SPDX-License-Identifier: MIT
// A client that backs itself up into folders and comes back from them, as embedded databases do: JetBackupInstance, atomic and
// then incremental, and JetRestoreInstance into another folder; its folders are written as on Windows, with a backslash.
// usage: Restore, in an empty folder
using System;
using System.Collections.Generic;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;

static class NativeMethods
{
    const string Esent = "esent.dll";

    [UnmanagedFunctionPointer(CallingConvention.StdCall)]
    public delegate int JET_PFNSTATUS(IntPtr sesid, uint snp, uint snt, IntPtr data);

    [StructLayout(LayoutKind.Sequential)]
    public struct NATIVE_COLUMNDEF
    {
        public uint cbStruct;
        public uint columnid;
        public uint coltyp;
        public ushort wCountry;
        public ushort langid;
        public ushort cp;
        public ushort wCollate;
        public uint cbMax;
        public uint grbit;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct NATIVE_RSTMAP
    {
        public IntPtr szDatabaseName;
        public IntPtr szNewDatabaseName;
    }

    [StructLayout(LayoutKind.Sequential)]
    public struct NATIVE_RSTINFO
    {
        public uint cbStruct;
        public IntPtr rgrstmap;
        public uint crstmap;
        public long lgposStop;
        public long logtimeStop;
        public IntPtr pfnStatus;
    }

    [DllImport(Esent, CharSet = CharSet.Ansi, ExactSpelling = true)]
    public static extern int JetCreateInstance(out IntPtr instance, string szInstanceName);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetSetSystemParameterW(ref IntPtr pinstance, IntPtr sesid, uint paramid, IntPtr lParam, string szParam);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetGetSystemParameterW(
        IntPtr instance, IntPtr sesid, uint paramid, ref IntPtr plParam, [Out] StringBuilder szParam, uint cbMax);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetInit(ref IntPtr instance);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetInit3W(ref IntPtr instance, ref NATIVE_RSTINFO prstinfo, uint grbit);

    [DllImport(Esent, CharSet = CharSet.Ansi, ExactSpelling = true)]
    public static extern int JetBeginSession(IntPtr instance, out IntPtr session, string username, string password);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetDupSession(IntPtr sesid, out IntPtr newSesid);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetCreateDatabaseW(IntPtr sesid, string szFilename, string szConnect, out uint dbid, uint grbit);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetAttachDatabaseW(IntPtr sesid, string szFilename, uint grbit);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetOpenDatabaseW(IntPtr sesid, string database, string szConnect, out uint dbid, uint grbit);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetGrowDatabase(IntPtr sesid, uint dbid, uint cpg, out uint pcpgReal);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetGetDatabaseInfo(IntPtr sesid, uint dbid, out uint value, uint cbMax, uint infoLevel);

    [DllImport(Esent, CharSet = CharSet.Ansi, ExactSpelling = true)]
    public static extern int JetCreateTable(IntPtr sesid, uint dbid, string szTableName, int pages, int density, out IntPtr tableid);

    [DllImport(Esent, CharSet = CharSet.Ansi, ExactSpelling = true)]
    public static extern int JetAddColumn(
        IntPtr sesid, IntPtr tableid, string szColumnName, ref NATIVE_COLUMNDEF def, byte[] pvDefault, uint cbDefault, out uint columnid);

    [DllImport(Esent, CharSet = CharSet.Ansi, ExactSpelling = true)]
    public static extern int JetOpenTable(
        IntPtr sesid, uint dbid, string tablename, byte[] pvParameters, uint cbParameters, uint grbit, out IntPtr tableid);

    [DllImport(Esent, CharSet = CharSet.Ansi, ExactSpelling = true)]
    public static extern int JetGetTableColumnInfo(
        IntPtr sesid, IntPtr tableid, string szColumnName, ref NATIVE_COLUMNDEF columndef, uint cbMax, uint infoLevel);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetPrepareUpdate(IntPtr sesid, IntPtr tableid, uint prep);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetSetColumn(
        IntPtr sesid, IntPtr tableid, uint columnid, byte[] pvData, uint cbData, uint grbit, IntPtr psetinfo);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetUpdate(IntPtr sesid, IntPtr tableid, byte[] pvBookmark, uint cbBookmark, out uint cbActual);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetMove(IntPtr sesid, IntPtr tableid, int cRow, uint grbit);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetRetrieveColumn(
        IntPtr sesid, IntPtr tableid, uint columnid, byte[] pvData, uint cbData, out uint cbActual, uint grbit, IntPtr pretinfo);

    [DllImport(Esent, CharSet = CharSet.Ansi, ExactSpelling = true)]
    public static extern int JetCreateIndex(
        IntPtr sesid, IntPtr tableid, string szIndexName, uint grbit, string szKey, uint cbKey, uint lDensity);

    [DllImport(Esent, CharSet = CharSet.Ansi, ExactSpelling = true)]
    public static extern int JetSetCurrentIndex4(
        IntPtr sesid, IntPtr tableid, string szIndexName, IntPtr indexid, uint grbit, uint itagSequence);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetMakeKey(IntPtr sesid, IntPtr tableid, byte[] pvData, uint cbData, uint grbit);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetSeek(IntPtr sesid, IntPtr tableid, uint grbit);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetGetRecordPosition(IntPtr sesid, IntPtr tableid, byte[] precpos, uint cbRecpos);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetBeginTransaction(IntPtr sesid);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetRollback(IntPtr sesid, uint grbit);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetCommitTransaction(IntPtr sesid, uint grbit);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetBackupInstanceW(IntPtr instance, string szBackupPath, uint grbit, JET_PFNSTATUS pfnStatus);

    [DllImport(Esent, CharSet = CharSet.Unicode, ExactSpelling = true)]
    public static extern int JetRestoreInstanceW(IntPtr instance, string sz, string szDest, JET_PFNSTATUS pfnStatus);

    [DllImport(Esent, ExactSpelling = true)]
    public static extern int JetTerm(IntPtr instance);
}

static class Restore
{
    const int AlreadyInitialized = -1030, FeatureNotAvailable = -1001, InvalidPath = -1023, NoCurrentRecord = -1603, Value = 17;
    const uint Incremental = 1, Atomic = 4, ForceNewLog = 0x10;
    const uint SystemPath = 0, TempPath = 1, LogFilePath = 2, ErrorToString = 70, CreatePathIfNotExist = 100;
    const uint Long = 4, SpaceAvailable = 12, PageSize = 17;

    static readonly IntPtr None = IntPtr.Zero, Nil = new IntPtr(~0);

    static void Is<T>(T expected, T found, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, found))
            throw new Exception(what + " is " + found + ", not " + expected);
    }

    // As wrappers do: the text of an error is asked of the engine.
    static void Check(int error)
    {
        if (error >= 0)
            return;
        var number = new IntPtr(error);
        var text = new StringBuilder(512);
        NativeMethods.JetGetSystemParameterW(Nil, Nil, ErrorToString, ref number, text, 1024);
        throw new Exception(error + ": " + text);
    }

    static IntPtr Made(string name, string folder)
    {
        IntPtr instance;
        Check(NativeMethods.JetCreateInstance(out instance, name));
        foreach (uint path in new[] { SystemPath, TempPath, LogFilePath })
            Check(NativeMethods.JetSetSystemParameterW(ref instance, Nil, path, None, folder));
        return instance;
    }

    static IntPtr Session(IntPtr instance)
    {
        IntPtr session;
        Check(NativeMethods.JetBeginSession(instance, out session, string.Empty, string.Empty));
        return session;
    }

    static IntPtr Fill(IntPtr session, uint dbid)
    {
        IntPtr table;
        uint column;
        var definition = new NativeMethods.NATIVE_COLUMNDEF { coltyp = Long };
        definition.cbStruct = (uint)Marshal.SizeOf(definition);
        Check(NativeMethods.JetCreateTable(session, dbid, "table", 1, 100, out table));
        Check(NativeMethods.JetAddColumn(session, table, "column", ref definition, null, 0, out column));
        Check(NativeMethods.JetCreateIndex(session, table, "by_value", 0, "-column\0\0", 9, 100));
        Insert(session, table, Value);
        Check(NativeMethods.JetBeginTransaction(session));
        Insert(session, table, Value + 1);
        Check(NativeMethods.JetRollback(session, 0));
        Is(FeatureNotAvailable, NativeMethods.JetGetRecordPosition(session, table, new byte[16], 16), "what is not emulated");
        return table;
    }

    static void Insert(IntPtr session, IntPtr table, int value)
    {
        uint actual;
        var definition = new NativeMethods.NATIVE_COLUMNDEF();
        Check(NativeMethods.JetGetTableColumnInfo(session, table, "column", ref definition, (uint)Marshal.SizeOf(definition), 0));
        Check(NativeMethods.JetPrepareUpdate(session, table, 0));
        Check(NativeMethods.JetSetColumn(session, table, definition.columnid, BitConverter.GetBytes(value), 4, 0, None));
        Check(NativeMethods.JetUpdate(session, table, null, 0, out actual));
    }

    static void Find(IntPtr instance, string database, int later)
    {
        IntPtr session = Session(instance), table;
        uint dbid, actual, pages;
        var bytes = new byte[4];
        var definition = new NativeMethods.NATIVE_COLUMNDEF();
        Check(NativeMethods.JetAttachDatabaseW(session, database, 0));
        Check(NativeMethods.JetOpenDatabaseW(session, database, null, out dbid, 0));
        Check(NativeMethods.JetOpenTable(session, dbid, "table", null, 0, 0, out table));
        Check(NativeMethods.JetGetTableColumnInfo(session, table, "column", ref definition, (uint)Marshal.SizeOf(definition), 0));
        Check(NativeMethods.JetSetCurrentIndex4(session, table, "by_value", None, 0, 1));
        Check(NativeMethods.JetMakeKey(session, table, BitConverter.GetBytes(Value), 4, 1));
        Check(NativeMethods.JetSeek(session, table, 1));
        Check(NativeMethods.JetRetrieveColumn(session, table, definition.columnid, bytes, 4, out actual, 0, None));
        Is(Value, BitConverter.ToInt32(bytes, 0), "the value in " + database);
        Is(later, NativeMethods.JetMove(session, table, -1, 0), "the row that came after the backup, in " + database);
        Check(NativeMethods.JetGetDatabaseInfo(session, dbid, out pages, 4, SpaceAvailable));
        Is(true, pages > 0, "that pages are free");
    }

    static void BackUp(string database, string target)
    {
        IntPtr instance = Made("one", "data\\"), session, other;
        uint dbid, pages;
        NativeMethods.JET_PFNSTATUS status = (sesid, snp, snt, data) => 0;
        Check(NativeMethods.JetInit(ref instance));
        session = Session(instance);
        Is(InvalidPath, NativeMethods.JetCreateDatabaseW(session, "data\\inner/mail.edb", null, out dbid, 0), "without a folder");
        Check(NativeMethods.JetSetSystemParameterW(ref instance, Nil, CreatePathIfNotExist, new IntPtr(1), null));
        Check(NativeMethods.JetCreateDatabaseW(session, database, string.Empty, out dbid, 0));
        Check(NativeMethods.JetGrowDatabase(session, dbid, 512, out pages));
        Is(true, pages >= 512, "that the database has grown");
        IntPtr table = Fill(session, dbid);
        Check(NativeMethods.JetDupSession(session, out other));
        Check(NativeMethods.JetBackupInstanceW(instance, target, Atomic, status));
        Check(NativeMethods.JetCommitTransaction(other, ForceNewLog));
        Check(NativeMethods.JetBackupInstanceW(instance, target + "/later", Incremental, null));
        GC.KeepAlive(status);
        Insert(session, table, Value + 1);
        Check(NativeMethods.JetTerm(instance));
    }

    static void BringBack(string target)
    {
        uint told = 0;
        NativeMethods.JET_PFNSTATUS status = (sesid, snp, snt, data) =>
        {
            Is(8u, snp, "the operation");
            told |= 1u << (int)snt;
            return 0;
        };
        Directory.CreateDirectory("restored");
        IntPtr instance = Made("two", "restored");
        Check(NativeMethods.JetRestoreInstanceW(instance, target, Path.GetFullPath("restored"), status));
        GC.KeepAlive(status);
        Is(1u << 0 | 1u << 5 | 1u << 6, told, "what the callback was told of");
        Is(true, File.Exists("restored/mail.edb"), "that the file is there");
        Check(NativeMethods.JetInit(ref instance));
        Is(AlreadyInitialized, NativeMethods.JetRestoreInstanceW(instance, target, null, null), "a restore while it runs");
        Find(instance, "restored/mail.edb", NoCurrentRecord);
        Check(NativeMethods.JetTerm(instance));
    }

    static void Recover(string database)
    {
        var map = new NativeMethods.NATIVE_RSTMAP
        {
            szDatabaseName = Marshal.StringToHGlobalUni(database),
            szNewDatabaseName = Marshal.StringToHGlobalUni(Path.GetFullPath("moved.edb")),
        };
        var info = new NativeMethods.NATIVE_RSTINFO { crstmap = 1, rgrstmap = Marshal.AllocHGlobal(Marshal.SizeOf(map)) };
        info.cbStruct = (uint)Marshal.SizeOf(info);
        Marshal.StructureToPtr(map, info.rgrstmap, false);
        IntPtr instance = Made("three", "data\\");
        Is(FeatureNotAvailable, NativeMethods.JetInit3W(ref instance, ref info, 0), "a database that only its logs have");
        File.Copy(database, "moved.edb");
        Check(NativeMethods.JetInit3W(ref instance, ref info, 0));
        Find(instance, "moved.edb", 0);
        Check(NativeMethods.JetTerm(instance));
    }

    static int Main()
    {
        Directory.CreateDirectory("data\\"); // which is a part of its name where backslashes mean nothing
        string database = Path.GetFullPath("data\\") + "/inner/mail.edb";
        BackUp(database, "backup");
        Is(true, File.Exists(database), "that the database is a file");
        BringBack("backup");
        Recover(database);
        Console.WriteLine("restored");
        return 0;
    }
}
