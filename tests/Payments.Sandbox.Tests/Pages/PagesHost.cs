using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Payments.Sandbox.Stripe.Pages;

namespace Payments.Sandbox.Tests.Pages;

/// <summary>The hosted pages on a port of their own, before a <see cref="FakeCheckout"/>.</summary>
public sealed class PagesHost : IAsyncLifetime
{
    private readonly WebApplication app;

    public PagesHost()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        app = builder.Build();
        CheckoutPages.Map(app, Checkout);
        app.MapGet("/shop/{page}", () => Results.Content("<h1>The shop</h1>", "text/html"));
    }

    public FakeCheckout Checkout { get; } = new();

    public Uri Root => new(app.Urls.Single());

    /// <summary>Where the buyer goes in the end; by another name, so that to a browser it is another site.</summary>
    public Uri Paid => new($"http://localhost:{Root.Port}/shop/ok?session=cs_test_1");

    public HttpClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        await app.StartAsync();
        Client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = Root };
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }
}
