using Microsoft.Playwright;
using Payments.Sandbox.Tests.Judges;

namespace Payments.Sandbox.Tests.Pages;

/// <summary>One browser for all tests of a class; each test opens a window of its own.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? playwright;
    private IBrowser? browser;

    public async Task InitializeAsync()
    {
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Programs.Chromium,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
            ],
        });
    }

    public async Task DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
    }

    internal async Task<Window> OpenAsync(Uri root, int width = 1280, bool dark = false, bool script = true, bool bypassPolicy = false)
    {
        var context = await browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = root.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = 800 },
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            JavaScriptEnabled = script,
            BypassCSP = bypassPolicy,
        });
        context.SetDefaultTimeout(20_000);
        return new Window(context, await context.NewPageAsync());
    }
}

/// <summary>A page, with all that it asked for and complained about.</summary>
internal sealed class Window : IAsyncDisposable
{
    private readonly IBrowserContext context;

    public Window(IBrowserContext context, IPage page)
    {
        this.context = context;
        Page = page;
        page.Request += (_, request) => Requests.Add(request.Url);
        page.PageError += (_, error) => Complaints.Add(error);
        page.Console += (_, message) =>
        {
            // A decline is a 402, which browsers write into the console like any other.
            if (message.Type is "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
            {
                Complaints.Add(message.Text);
            }
        };
    }

    public IPage Page { get; }

    public List<string> Requests { get; } = [];

    public List<string> Complaints { get; } = [];

    public ValueTask DisposeAsync() => context.DisposeAsync();

    public Task<string> FocusedAsync() => Page.EvaluateAsync<string>("document.activeElement.id || document.activeElement.tagName");

    /// <summary>
    /// Waits until the window is where it should be. By looking, for Playwright's own WaitForURL waits for a navigation,
    /// and on a busy machine that may have come and gone by then.
    /// </summary>
    public async Task ArriveAsync(Uri target)
    {
        var limit = DateTime.UtcNow.AddSeconds(20);
        while (!string.Equals(Page.Url, target.AbsoluteUri, StringComparison.Ordinal))
        {
            if (DateTime.UtcNow > limit)
            {
                throw new TimeoutException($"The window is at {Page.Url}, not at {target}. It shows: {await Page.InnerTextAsync("body")}");
            }

            await Task.Delay(50);
        }
    }

    public async Task FillAsync(string last4 = "4242", string number = "4242 4242 4242 4242")
    {
        await Page.FillAsync("#email", "ada@example.com");
        await Page.FillAsync("#number", last4 is "4242" ? number : $"4000 0000 0000 {last4}");
        await Page.FillAsync("#expiry", "1234");
        await Page.FillAsync("#cvc", "123");
        await Page.FillAsync("#name", "Ada Lovelace");
        await Page.FillAsync("#postal_code", "94107");
    }
}
