namespace Rig;

/// <summary>CPU time and peak memory of a process and all its descendants, from /proc.</summary>
public sealed class Watch : IDisposable
{
    private readonly Dictionary<int, double> before = [];
    private readonly Timer timer;
    private readonly int root;
    private long peak;

    public Watch(string name, int pid)
    {
        Name = name;
        root = pid;
        foreach (var p in Tree())
        {
            before[p] = CpuSeconds(p);
        }

        timer = new Timer(_ => Sample(), null, 0, 500);
    }

    public string Name { get; }

    public double CpuSecondsUsed() => Tree().Sum(p => CpuSeconds(p) - before.GetValueOrDefault(p));

    /// <summary>Peak of the summed resident sizes, without shared memory (PostgreSQL's buffers).</summary>
    public double PeakMegabytes()
    {
        Sample();
        return peak / 1048576.0;
    }

    /// <summary>CPU seconds the whole machine has been busy since boot.</summary>
    public static double MachineBusySeconds()
    {
        var f = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(double.Parse).ToArray();
        return (f.Sum() - f[3] - f[4] - f[8] - f[9]) / 100;
    }

    public void Dispose() => timer.Dispose();

    private void Sample() => peak = Math.Max(peak, Tree().Sum(Resident));

    private List<int> Tree() => Tree(root);

    private static List<int> Tree(int root)
    {
        var parents = new Dictionary<int, int>();
        foreach (var dir in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(dir), out var pid) && Stat(pid) is { } f)
            {
                parents[pid] = int.Parse(f[1]);
            }
        }

        var tree = new List<int> { root };
        for (var i = 0; i < tree.Count; i++)
        {
            tree.AddRange(parents.Where(p => p.Value == tree[i]).Select(p => p.Key));
        }

        return tree;
    }

    /// <summary>CPU time of a process and all its descendants since they began, those included that have ended.</summary>
    public static double CpuSecondsOf(int pid) => Tree(pid).Sum(CpuSeconds);

    private static double CpuSeconds(int pid) => Stat(pid) is { } f ? f[11..15].Sum(double.Parse) / 100 : 0;

    private static long Resident(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status")
                .Where(l => l.StartsWith("RssAnon", StringComparison.Ordinal) || l.StartsWith("RssFile", StringComparison.Ordinal))
                .Sum(l => long.Parse(l.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) * 1024);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    /// <summary>The fields of /proc/pid/stat after the command name: state, ppid, …</summary>
    private static string[]? Stat(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }
}
