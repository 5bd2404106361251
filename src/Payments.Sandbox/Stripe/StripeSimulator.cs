using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Payments.Sandbox.Stripe.Controls;
using Payments.Sandbox.Stripe.Deliveries;
using Payments.Sandbox.Stripe.Http;
using Payments.Sandbox.Stripe.Pages;
using Payments.Sandbox.Stripe.Resources;
using Payments.Sandbox.Stripe.State;
using Payments.Sandbox.Supervision;

namespace Payments.Sandbox.Stripe;

/// <summary>A stateful Stripe on loopback: its API, its hosted pages, its webhooks, and controls of the sandbox's own.</summary>
public sealed class StripeSimulator : IAsyncDisposable
{
    private static readonly TimeSpan TickEvery = TimeSpan.FromMilliseconds(200);
    private const int TicksBetweenPrunes = 300;

    private readonly WebApplication app;
    private readonly Engine engine;
    private readonly WebhookDeliveries deliveries;
    private readonly ApiLink api;
    private readonly ClockControl clock;
    private readonly PeopleAndMail peopleAndMail;
    private readonly CancellationTokenSource stopping = new();
    private Task ticking = Task.CompletedTask;

    private StripeSimulator(StripeSimulatorOptions options)
    {
        SecretKey = options.SecretKey;
        engine = new Engine(options, new SandboxClock(options.Time)) { Deliverable = options.WebhookUrl is not null };
        app = Build(options);
        var faults = new FaultPanel();
        deliveries = new WebhookDeliveries(engine, faults, options, Logger<WebhookDeliveries>());
        engine.Happened = deliveries.Send;
        api = new ApiLink(options);
        clock = new ClockControl(engine, deliveries, api, options, Logger<ClockControl>());
        app.UseHeadAsGet();
        new SandboxControls(engine, clock, faults, deliveries).Map(app);
        new MoneyControls(engine).Map(app);
        peopleAndMail = new PeopleAndMail(() => engine.Address, options);
        peopleAndMail.Map(app);
        DashboardPage.Map(app);
        app.MapGet("/", context => FrontPage.Show(context, engine.Address.GetLeftPart(UriPartial.Authority), options).ExecuteAsync(context));
        CheckoutPages.Map(app, new CheckoutPageBackend(engine, options));
        var routes = Routes();
        InvoicePdf.Map(app, engine);
        PortalPages.Map(app, new PortalPageBackend(engine, routes, options));
        var stripe = new StripeApi(engine, routes, new ApiKeys(options), faults, options, Logger<StripeApi>());
        app.Map("/v1/{**rest}", stripe.HandleAsync);
    }

    /// <summary>http://127.0.0.1:PORT</summary>
    public Uri Address => engine.Address;

    public string SecretKey { get; }

    /// <summary>Now, by the sandbox's clock.</summary>
    public DateTimeOffset Now => engine.Clock.Now;

    internal Engine Engine => engine;

    internal WebhookDeliveries Deliveries => deliveries;

    public static async Task<StripeSimulator> StartAsync(StripeSimulatorOptions options, CancellationToken ct = default)
    {
        Check(options);
        var simulator = new StripeSimulator(options);
        try
        {
            await simulator.app.StartAsync(ct);
        }
        catch
        {
            // The port is taken, most likely: let go of the journal and of everything else.
            await simulator.DisposeAsync();
            throw;
        }

        var addresses = simulator.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        simulator.engine.Address = new Uri(addresses.Addresses.First());
        simulator.deliveries.Start();
        simulator.ticking = Task.Run(simulator.TickAsync, CancellationToken.None);
        return simulator;
    }

    /// <summary>Where events go and whose clock moves along (nobody's when null), for those who learn the API's port after the simulator's.</summary>
    public void SetApi(Uri webhookUrl, Uri? apiBase)
    {
        deliveries.Endpoint = webhookUrl;
        engine.Deliverable = true;
        api.Base = apiBase;
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await ticking;
        await app.StopAsync();
        await deliveries.DisposeAsync();
        await app.DisposeAsync();
        clock.Dispose();
        peopleAndMail.Dispose();
        api.Dispose();
        engine.Dispose();
        stopping.Dispose();
    }

    private static WebApplication Build(StripeSimulatorOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 2 << 20;
            kestrel.Listen(IPAddress.Loopback, options.Port);
        });
        // The process is somebody else's: its signals are not the simulator's to catch.
        builder.Services.AddSingleton<IHostLifetime, OwnersLifetime>();
        builder.Logging.ClearProviders();
        if (options.LoggerFactory is { } factory)
        {
            builder.Services.AddSingleton(factory);
        }
        else
        {
            builder.Logging.AddSimpleConsole();
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
        }

        return builder.Build();
    }

    private static RouteTable Routes()
    {
        var routes = new RouteTable();
        Customers.Map(routes);
        PaymentMethods.Map(routes);
        Products.Map(routes);
        Prices.Map(routes);
        Coupons.Map(routes);
        PromotionCodes.Map(routes);
        CheckoutSessions.Map(routes);
        SessionPayments.Map(routes);
        PaymentIntents.Map(routes);
        SetupIntents.Map(routes);
        Charges.Map(routes);
        BalanceTransactions.Map(routes);
        Refunds.Map(routes);
        Disputes.Map(routes);
        EarlyFraudWarnings.Map(routes);
        PortalSessions.Map(routes);
        Events.Map(routes);
        TaxRates.Map(routes);
        TaxIds.Map(routes);
        Subscriptions.Map(routes);
        SubscriptionItems.Map(routes);
        InvoiceItems.Map(routes);
        Invoices.Map(routes);
        InvoicePayments.Map(routes);
        TestClocks.Map(routes);
        return routes;
    }

    private static void Check(StripeSimulatorOptions options)
    {
        if (!options.SecretKey.StartsWith("sk_test_", StringComparison.Ordinal) || options.SecretKey.Length < 28)
        {
            throw new ArgumentException("SecretKey must be sk_test_ and at least 20 characters: Stripe's own tools refuse shorter ones.", nameof(options));
        }

        if (options.WebhookUrl is not null && options.WebhookSecrets.Count == 0)
        {
            throw new ArgumentException("WebhookSecrets must name at least one secret when WebhookUrl is set.", nameof(options));
        }
    }

    private ILogger<T> Logger<T>() => app.Services.GetRequiredService<ILogger<T>>();

    private async Task TickAsync()
    {
        using var timer = new PeriodicTimer(TickEvery);
        var ticks = 0;
        try
        {
            while (await timer.WaitForNextTickAsync(stopping.Token))
            {
                clock.Tick();
                if (++ticks % TicksBetweenPrunes == 0)
                {
                    engine.Prune();
                }
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The simulator stops.
        }
    }

    private sealed class OwnersLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
