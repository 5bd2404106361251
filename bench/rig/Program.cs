using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Rig;

try
{
    var o = new Options(args.Skip(1));
    return (args.FirstOrDefault() ?? "help") switch
    {
        "webhook" => Drive(o, Plan.Webhooks(o, new Uri(o.Text("url")))),
        "get" => Drive(o, Plan.Calls(o, "GET")),
        "post" => Drive(o, Plan.Calls(o, "POST")),
        "orders-csv" => OrdersCsv(o),
        "users-csv" => UsersCsv(o),
        "sample" => Sample(o),
        "cpu" => Cpu(o),
        "table" => PrintTable(o),
        "report" => Report.Print(o.Text("json"), o.Text("check", "") == "true"),
        _ => Help(),
    };
}
catch (Exception e) when (e is ArgumentException or IOException or InvalidDataException or FormatException)
{
    Console.Error.WriteLine($"rig: {e.Message}");
    return 2;
}

static int Drive(Options o, Plan plan)
{
    var url = new Uri(o.Text("url").Replace("{user}", Guid.Empty.ToString()));
    if (!url.IsLoopback)
    {
        throw new ArgumentException("only a loopback address may be loaded");
    }

    var concurrency = o.Int("conc", 16);
    var warmup = o.Int("warmup", 0);
    var load = new Load(new IPEndPoint(IPAddress.Loopback, url.Port), plan.Requests);
    GC.Collect();
    if (warmup > 0)
    {
        load.Run(0, warmup, concurrency, 0);
    }

    var watches = o.Text("watch", "").Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(w => w.Split('=')).Select(w => new Watch(w[0], int.Parse(w[1]))).ToList();
    var busy = Watch.MachineBusySeconds();
    var own = Process.GetCurrentProcess().TotalProcessorTime;
    var startedAt = DateTime.UtcNow;
    var startedTick = Stopwatch.GetTimestamp();
    var seconds = load.Run(warmup, plan.Requests.Length, concurrency, o.Number("rate", 0));
    own = Process.GetCurrentProcess().TotalProcessorTime - own;
    busy = Watch.MachineBusySeconds() - busy;

    var count = plan.Requests.Length - warmup;
    var sorted = load.Ticks.Skip(warmup).Order().ToArray();
    double Percentile(double p) => Math.Round(sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * p))] * 1000.0 / Stopwatch.Frequency, 2);
    var result = new
    {
        label = o.Text("label", url.AbsolutePath),
        phase = o.Text("phase", "burst"),
        run = o.Int("run", 1),
        startedAt = (startedAt - DateTime.UnixEpoch).TotalSeconds,
        concurrency,
        requests = count,
        seconds = Math.Round(seconds, 3),
        rps = Math.Round(count / seconds),
        p50 = Percentile(0.50),
        p95 = Percentile(0.95),
        p99 = Percentile(0.99),
        max = Percentile(1),
        status = load.Status.Skip(warmup).GroupBy(s => s).ToDictionary(g => g.Key.ToString(), g => g.Count()),
        warmupStatus = load.Status.Take(warmup).GroupBy(s => s).ToDictionary(g => g.Key.ToString(), g => g.Count()),
        othersCores = Math.Round((busy - own.TotalSeconds - watches.Sum(w => w.CpuSecondsUsed())) / seconds, 2),
        rigCpuUs = Math.Round(own.TotalMicroseconds / count, 1),
        watched = watches.ToDictionary(w => w.Name, w => new
        {
            cpuUs = Math.Round(w.CpuSecondsUsed() * 1e6 / count, 1),
            cores = Math.Round(w.CpuSecondsUsed() / seconds, 2),
            peakMb = Math.Round(w.PeakMegabytes(), 1),
        }),
        payloadBytes = Math.Round(plan.MeanPayloadBytes),
    };
    var json = JsonSerializer.Serialize(result);
    Console.WriteLine(json);
    if (o.Text("json", "") is { Length: > 0 } file)
    {
        File.AppendAllText(file, json + "\n");
    }

    if (o.Text("expect", "") is { Length: > 0 } expect)
    {
        File.WriteAllText(expect, JsonSerializer.Serialize(plan.Expectation));
    }

    if (o.Text("times", "") is { Length: > 0 } times)
    {
        File.WriteAllLines(times, Enumerable.Range(warmup, count).Select(i =>
            $"{plan.Payments[i]},{startedAt.AddSeconds((load.Due[i] - startedTick) / (double)Stopwatch.Frequency):O}"));
    }

    watches.ForEach(w => w.Dispose());
    return load.Status.All(s => s is >= 200 and < 300) ? 0 : 1;
}

// One line an order: what the product would have stored when the checkout was created.
static int OrdersCsv(Options o)
{
    using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1 << 16);
    for (var i = 0; i < o.Int("count", 10_000); i++)
    {
        var order = new Order((ulong)o.Int("seed", 1), i, o.Int("users", 10_000));
        output.WriteLine($"{order.PaymentId},{order.UserId},{order.Session},{order.PaymentIntent},{order.Customer},{order.Subscription},{order.Amount},usd,{order.PackId},{order.Credits}");
    }

    return 0;
}

static int UsersCsv(Options o)
{
    using var output = new StreamWriter(Console.OpenStandardOutput(), bufferSize: 1 << 16);
    for (var i = 0; i < o.Int("users", 10_000); i++)
    {
        output.WriteLine($"{Order.UserIdOf(i)},user{i}@example.com");
    }

    return 0;
}

// Of one process and its descendants, in seconds.
static int Cpu(Options o)
{
    Console.WriteLine(Watch.CpuSecondsOf(o.Int("pid", 1)));
    return 0;
}

static int PrintTable(Options o)
{
    Table.Print(o.Text("json"), o.Number("max-others", 0.3));
    return 0;
}

static int Sample(Options o)
{
    var templates = Template.LoadFolder(o.Text("templates", Path.Combine(AppContext.BaseDirectory, "templates")));
    var order = new Order((ulong)o.Int("seed", 1), 0, 10_000);
    foreach (var (type, template) in templates)
    {
        var body = template.Render(order, $"evt_1{order.Text(23)}", DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        using var parsed = JsonDocument.Parse(body);
        Console.WriteLine($"{type}: {body.Length} bytes, id {parsed.RootElement.GetProperty("id")}, object {parsed.RootElement.GetProperty("data").GetProperty("object").GetProperty("id")}");
    }

    return 0;
}

static int Help()
{
    Console.WriteLine("rig webhook|get|post|orders-csv|users-csv|sample|cpu|table|report [--name value …] (see README.md)");
    return 0;
}
