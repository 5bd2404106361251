using System.Runtime.InteropServices;
using Payments.Sandbox.Postgres;
using Payments.Sandbox.Stripe;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox;

internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        try
        {
            return args switch
            {
                ["sandbox", .. var options] => await SandboxAsync(options),
                ["stripe"] => await StripeAsync(),
                ["postgres", var directory] => await PostgresAsync(directory),
                _ => throw new SandboxException("Payments.Sandbox is started by ./run. (By hand: 'postgres DIR' runs a private PostgreSQL in DIR until it is stopped.)"),
            };
        }
        catch (SandboxException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return 1;
        }
        catch (UnauthorizedAccessException denied)
        {
            await Console.Error.WriteLineAsync($"{denied.Message} Was the directory made by another user (root, perhaps)? Name one of your own with --data.");
            return 1;
        }
    }

    private static async Task<int> SandboxAsync(string[] args)
    {
        var options = SandboxOptions.Parse(args, Environment.GetEnvironmentVariable);
        using var stop = new StopSignals();
        try
        {
            if (options is { Fresh: true, DatabaseUrl: not null })
            {
                Console.WriteLine("--fresh leaves DATABASE_URL's database as it is.");
            }

            await using var run = await SandboxRun.StartAsync(options, Console.WriteLine, stop.Token);
            Console.WriteLine(Tour.Of(run.File, options, options.DataDirectory, coloured: !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null));
            await run.RunAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // Told to stop: by now everything has.
        }

        Console.WriteLine("Stopped.");
        return 0;
    }

    private static async Task<int> StripeAsync()
    {
        var command = StripeCommand.Read(Environment.GetEnvironmentVariable(StripeCommand.Variable));
        using var stop = new StopSignals();
        await using var simulator = await StripeSimulator.StartAsync(command.ToOptions(), stop.Token);
        await Task.Delay(Timeout.Infinite, stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        return 0;
    }

    /// <summary>A private PostgreSQL alone, for work on the database by hand: prints its address and runs until stopped.</summary>
    private static async Task<int> PostgresAsync(string directory)
    {
        using var stop = new StopSignals();
        await using var postgres = await PrivatePostgres.StartAsync(new() { DataDirectory = directory }, stop.Token);
        Console.WriteLine(postgres.Url("postgres"));
        await Task.WhenAny(postgres.Exited, Task.Delay(Timeout.Infinite, stop.Token));
        return 0;
    }

    /// <summary>Ctrl-C, kill, and a closed terminal: each begins an orderly stop instead of ending the process.</summary>
    private sealed class StopSignals : IDisposable
    {
        private readonly CancellationTokenSource source = new();
        private readonly PosixSignalRegistration[] registrations;

        public StopSignals() => registrations =
        [
            .. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT }.Select(signal => PosixSignalRegistration.Create(signal, context =>
            {
                context.Cancel = true;
                source.Cancel();
            })),
        ];

        public CancellationToken Token => source.Token;

        public void Dispose()
        {
            foreach (var registration in registrations)
            {
                registration.Dispose();
            }

            source.Dispose();
        }
    }
}
