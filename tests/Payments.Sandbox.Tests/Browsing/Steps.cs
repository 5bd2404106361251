using Microsoft.Playwright;
using Payments.Sandbox.Tests.Pages;

namespace Payments.Sandbox.Tests.Browsing;

/// <summary>What people do on the pages again and again.</summary>
internal static class Steps
{
    /// <summary>Nothing is being read any more, and there is a heading.</summary>
    private const string Settled = "document.readyState === 'complete' && document.querySelector('main h1') !== null && document.querySelector('[aria-busy=true], main .skeleton') === null";

    /// <summary>Goes to an address, signs in there, and waits until the page is drawn.</summary>
    public static async Task<IPage> VisitAsync(this Window window, string address, Person person)
    {
        var page = window.Page;
        await page.GotoAsync(address);
        await page.WaitForSelectorAsync("header >> text=Sign in");
        var panel = page.Locator("main summary:text-is('Use a token instead')");
        if (await panel.CountAsync() == 0)
        {
            await page.ClickAsync("header button:text-is('Sign in')");
            panel = page.Locator("dialog summary:text-is('Use a token instead')");
        }

        await panel.ClickAsync();
        var form = page.Locator("form", new() { Has = page.Locator("textarea[name=token]") });
        await form.Locator("textarea").FillAsync(person.Token);
        await form.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForSelectorAsync(".user");
        await page.SettleAsync();
        return page;
    }

    /// <summary>Whoever was signed in signs out, and somebody else in, in the same tab.</summary>
    public static async Task ChangesHandsAsync(this IPage page, Person person)
    {
        await page.EvaluateAsync("token => import('/assets/session.js').then(session => { session.signOut(); session.signIn(token); })", person.Token);
        await page.ReloadAsync();
    }

    /// <summary>By looking, for what Playwright itself would wait with is a script that the pages' policy forbids.</summary>
    public static async Task SettleAsync(this IPage page)
    {
        var limit = DateTime.UtcNow.AddSeconds(20);
        while (!await page.EvaluateAsync<bool>(Settled))
        {
            if (DateTime.UtcNow > limit)
            {
                throw new TimeoutException($"{page.Url} is still reading. It shows: {await page.InnerTextAsync("body")}");
            }

            await Task.Delay(30);
        }
    }

    public static Task HeadingAsync(this IPage page, string text) => page.GetByRole(AriaRole.Heading, new() { Name = text, Exact = true }).First.WaitForAsync();

    public static Task PressAsync(this IPage page, string button) => page.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    public static Task PressInDialogAsync(this IPage page, string button) =>
        page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).ClickAsync();

    /// <summary>Fills Stripe's page for a card and pays.</summary>
    public static async Task PayAsync(this IPage page, string number = "4242 4242 4242 4242")
    {
        await page.WaitForSelectorAsync("#number");
        await page.FillAsync("#number", number);
        await page.FillAsync("#expiry", "1234");
        await page.FillAsync("#cvc", "123");
        await page.FillAsync("#name", "A Buyer");
        await page.FillAsync("#postal_code", "94107");
        await page.ClickAsync("#pay");
    }

    /// <summary>Walks with the Tab key until it is there, as who has no mouse does.</summary>
    public static async Task TabToAsync(this IPage page, string what)
    {
        const string Focused =
            """
            () => {
              const at = document.activeElement;
              return at.getAttribute('aria-label') ?? at.labels?.[0]?.textContent.trim() ?? at.querySelector('strong')?.textContent ?? at.textContent.trim();
            }
            """;
        var seen = new List<string>();
        for (var i = 0; i < 80; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            seen.Add(await page.EvaluateAsync<string>(Focused));
            if (seen[^1] == what)
            {
                return;
            }
        }

        seen.ShouldContain(what, "the Tab key does not lead there");
    }

    /// <summary>The page asked nobody but this machine, broke no rule of its policy, and no script failed.</summary>
    public static void ShouldBeClean(this Window window)
    {
        window.Complaints.ShouldBeEmpty();
        window.Requests.ShouldAllBe(url => url.StartsWith("data:", StringComparison.Ordinal) || url.StartsWith("blob:", StringComparison.Ordinal) || new Uri(url).IsLoopback);
    }
}
