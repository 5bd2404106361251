using System.Net;
using System.Net.Sockets;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Mail;

/// <summary>
/// Takes every mail by SMTP on loopback, delivers none, and shows them: a page for people at <c>/</c>, and for programs
/// <c>GET /messages</c> (newest first; <c>?to=</c> an address, <c>?limit=</c> so many), <c>DELETE /messages</c>, <c>POST</c> and <c>DELETE /faults</c>.
/// </summary>
public sealed class MailCatcher : IAsyncDisposable
{
    private readonly MailCatcherOptions options;
    private readonly MailStore store;
    private readonly TcpListener listener;
    private readonly CancellationTokenSource stopping = new();
    private readonly Lock gate = new();
    private readonly HashSet<Task> sessions = [];
    private WebApplication? page;
    private Task accepting = Task.CompletedTask;
    private MailFaults faults = new();

    private MailCatcher(MailCatcherOptions options)
    {
        this.options = options;
        store = new MailStore(options);
        listener = new TcpListener(IPAddress.Loopback, options.SmtpPort);
    }

    public int SmtpPort => ((IPEndPoint)listener.LocalEndpoint).Port;

    /// <summary>For <c>SMTP_URL</c>.</summary>
    public string SmtpUrl => $"smtp://127.0.0.1:{SmtpPort}";

    /// <summary>The page, without a last slash.</summary>
    public string Url { get; private set; } = "";

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Mail> Messages => store.All;

    /// <summary>What goes wrong with the next messages; counts down as it does.</summary>
    public MailFaults Faults
    {
        get
        {
            lock (gate)
            {
                return faults;
            }
        }
        set
        {
            lock (gate)
            {
                faults = value;
            }
        }
    }

    internal long Version => store.Version;

    /// <exception cref="SandboxException">A port is taken.</exception>
    public static async Task<MailCatcher> StartAsync(MailCatcherOptions options, CancellationToken ct = default)
    {
        var catcher = new MailCatcher(options);
        try
        {
            catcher.Listen();
            catcher.page = MailPage.Build(catcher, options.HttpPort);
            try
            {
                await catcher.page.StartAsync(ct);
            }
            catch (IOException taken)
            {
                throw new SandboxException($"Mail's port {options.HttpPort} is taken.", taken);
            }

            catcher.Url = catcher.page.Urls.Single();
            return catcher;
        }
        catch
        {
            await catcher.DisposeAsync();
            throw;
        }
    }

    public void Clear() => store.Clear();

    public Mail? Find(long id) => store.Find(id);

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        listener.Dispose();
        await accepting;
        Task[] open;
        lock (gate)
        {
            open = [.. sessions];
        }

        await Task.WhenAll(open);
        if (page is not null)
        {
            await page.DisposeAsync();
        }

        stopping.Dispose();
    }

    internal string FileOf(long id) => store.FileOf(id);

    private void Listen()
    {
        try
        {
            listener.Start();
        }
        catch (SocketException taken) when (taken.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new SandboxException($"SMTP's port {options.SmtpPort} is taken.", taken);
        }

        accepting = AcceptAsync();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync(stopping.Token);
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException)
            {
                // The client was gone before it was taken in; the next one is waiting.
                continue;
            }

            Track(client);
        }
    }

    private void Track(TcpClient client)
    {
        lock (gate)
        {
            var session = sessions.Count < options.MaxConnections ? ServeAsync(client) : TurnAwayAsync(client);
            sessions.Add(session);
            _ = session.ContinueWith(
                done =>
                {
                    lock (gate)
                    {
                        sessions.Remove(done);
                    }
                },
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        // So that Track has its lock back before the conversation begins.
        await Task.Yield();
        using (client)
        {
            try
            {
                await new SmtpSession(client, options, Receive).RunAsync(stopping.Token);
            }
            catch (Exception over) when (over is IOException or SocketException or OperationCanceledException)
            {
                // The client hung up, or we are stopping: what was accepted is on disk, the rest is the client's to send again.
            }
        }
    }

    private async Task TurnAwayAsync(TcpClient client)
    {
        await Task.Yield();
        using (client)
        {
            try
            {
                await client.GetStream().WriteAsync("421 Too many connections\r\n"u8.ToArray(), stopping.Token);
            }
            catch (Exception over) when (over is IOException or OperationCanceledException)
            {
                // It hung up by itself.
            }
        }
    }

    private SmtpVerdict Receive(Envelope envelope)
    {
        lock (gate)
        {
            if (faults.Refuse > 0)
            {
                faults = faults with { Refuse = faults.Refuse - 1 };
                return new($"{faults.Status} Refused, as asked");
            }

            var mail = store.Add(envelope.From, envelope.To, envelope.Message);
            if (faults.DropAfterData > 0)
            {
                faults = faults with { DropAfterData = faults.DropAfterData - 1 };
                return new((string?)null);
            }

            return new($"250 Caught as {mail.Id}");
        }
    }
}
