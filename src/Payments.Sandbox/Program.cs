using System.Runtime.InteropServices;
using Payments.Sandbox.Postgres;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox;

internal static class Program
{
    private const int Failed = 1;
    private const int Misused = 2;

    public static async Task<int> Main(string[] args)
    {
        try
        {
            return args switch
            {
                ["sandbox", .. var options] => await SandboxAsync(options),
                ["stripe"] => await StripeAsync(),
                ["postgres", var directory] => await PostgresAsync(directory),
                _ => await UnknownAsync(),
            };
        }
        catch (SandboxException wrong)
        {
            await Console.Error.WriteLineAsync(wrong.Message);
            return Failed;
        }
    }

    private static async Task<int> SandboxAsync(string[] args)
    {
        var options = SandboxOptions.Parse(args, Environment.GetEnvironmentVariable);
        if (options.Help)
        {
            Console.WriteLine(SandboxOptions.Usage);
            return 0;
        }

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

    // SEAM: the simulator's engine starts here, with what StripeCommand.Read(Environment.GetEnvironmentVariable(StripeCommand.Variable)) says.
    private static Task<int> StripeAsync() => throw new SandboxException("The Stripe simulator is not there yet.");

    /// <summary>A private PostgreSQL alone, for work on the database by hand: prints its address and runs until stopped.</summary>
    private static async Task<int> PostgresAsync(string directory)
    {
        using var stop = new StopSignals();
        await using var postgres = await PrivatePostgres.StartAsync(new() { DataDirectory = directory }, stop.Token);
        Console.WriteLine(postgres.Url("postgres"));
        await Task.WhenAny(postgres.Exited, Task.Delay(Timeout.Infinite, stop.Token));
        return 0;
    }

    private static async Task<int> UnknownAsync()
    {
        await Console.Error.WriteLineAsync(SandboxOptions.Usage);
        return Misused;
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
