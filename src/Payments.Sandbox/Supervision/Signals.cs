using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Payments.Sandbox.Supervision;

/// <summary>The POSIX signals the sandbox sends; .NET itself can only send SIGKILL.</summary>
internal enum Signal
{
    Hangup = 1,
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Terminate = 15,
}

internal static class Signals
{
    private const int NoSuchProcess = 3;

    /// <summary>Sends the signal; false when there is no such process any more.</summary>
    /// <exception cref="Win32Exception">The process is somebody else's.</exception>
    public static bool Send(int processId, Signal signal)
    {
        // 0 and negative numbers would signal whole groups of processes, which are never ours to stop.
        ArgumentOutOfRangeException.ThrowIfLessThan(processId, 2);
        if (Kill(processId, (int)signal) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error);
    }

    /// <summary>Whether a process with this id runs (a zombie that nobody has reaped does not).</summary>
    public static bool IsRunning(int processId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{processId}/stat");
            // The name in parentheses may hold anything, so the state is what follows the last one.
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException or IOException)
        {
            // The process's folder is missing, or went while it was read: it has ended.
            return false;
        }
    }

    [DllImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int processId, int signal);
}
