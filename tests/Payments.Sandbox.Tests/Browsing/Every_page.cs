using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;
using Payments.Sandbox.Tests.Judges;
using Payments.Sandbox.Tests.Pages;
using Payments.Sandbox.Tests.Supervision;
using Xunit.Abstractions;

namespace Payments.Sandbox.Tests.Browsing;

/// <summary>
/// What holds for every page: for everybody to use, on a phone and on a desk, light and dark; small, quick, and nothing
/// asked of others. With PAYMENTS_SCREENSHOTS=1 the pictures in docs/images are taken anew on the way.
/// </summary>
[Collection(Browsed.Name)]
public sealed class Every_page(BrowsedSandbox site, ITestOutputHelper output)
{
    private const int MostBytes = 150_000;
    private const double MostMilliseconds = 1000;

    private static readonly string[] Sections = ["overview", "credits", "subscription", "payments", "invoices", "purchases", "cards", "notifications"];
    private static readonly string[] Views =
    [
        "payments", "people?q=mira", "disputes", "events", "dead-letters", "revenue", "ledger",
        "catalog", "catalog/plans", "catalog/items", "catalog/products", "exports", "audit",
    ];

    /// <summary>What can be opened on a view, by the button that does.</summary>
    private static readonly Dictionary<string, string[]> DialogsOf = new(StringComparer.Ordinal)
    {
        ["subscription"] = ["Cancel: Monthly"],
        ["catalog"] = ["New credit pack…"],
        ["catalog/plans"] = ["New plan…", "Sync with Stripe…"],
        ["catalog/products"] = ["New product…"],
    };

    private static readonly string[] Others = ["Ines Duarte", "Jonas Weber", "Aiko Mori"];

    private static readonly bool TakesPictures = Environment.GetEnvironmentVariable("PAYMENTS_SCREENSHOTS") is "1";

    [Fact]
    public async Task Is_for_everybody_fits_its_window_weighs_little_and_keeps_to_itself()
    {
        var rules = await File.ReadAllTextAsync(await JudgesPackages.FileAsync("axe-core", "axe.min.js"));
        var places = await PlacesAsync();

        var faults = await Task.WhenAll(FaultsAsync(places, rules, width: 1280, dark: false), FaultsAsync(places, rules, width: 390, dark: true));

        faults.SelectMany(found => found).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/", null)]
    [InlineData("/account", "buyer")]
    [InlineData("/admin", "admin")]
    [InlineData("/sandbox", null)]
    public async Task Something_is_seen_within_a_second(string address, string? who)
    {
        var best = double.MaxValue;
        for (var load = 0; load < 3 && best >= MostMilliseconds; load++)
        {
            await using var window = await site.Browser.OpenAsync(site.Api);
            await SignedInAsync(window, who switch { "buyer" => (await SeenAsync()).Buyer, "admin" => site.Alex, _ => null });
            await window.Page.GotoAsync(address);
            best = Math.Min(best, await window.Page.EvaluateAsync<double>(
                """
                new Promise(resolve => new PerformanceObserver(list => {
                  const first = list.getEntriesByName('first-contentful-paint')[0];
                  if (first) resolve(first.startTime);
                }).observe({ type: 'paint', buffered: true }))
                """));
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{address}: first contentful paint after {best:0} ms"));
        best.ShouldBeLessThan(MostMilliseconds);
    }

    private async Task<List<string>> FaultsAsync(Place[] all, string rules, int width, bool dark)
    {
        var faults = new List<string>();
        foreach (var places in all.GroupBy(place => place.Who))
        {
            await using var window = await site.Browser.OpenAsync(site.Api, width, dark);
            await SignedInAsync(window, places.Key);
            var scales = new Scales();
            var document = "";
            foreach (var place in places)
            {
                await window.Page.GotoAsync(place.Address);
                if (place.Document == document)
                {
                    await window.Page.ReloadAsync(); // Only what is behind the # has changed, and the page is to be seen as from outside.
                }

                document = place.Document;
                await place.DrawnAsync(window.Page);

                var bytes = await scales.WeighAsync(window.Page);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{place.Name}: {bytes / 1000.0:0.0} kB"));
                bytes.ShouldBeGreaterThan(10_000, place.Name);
                if (bytes >= MostBytes)
                {
                    faults.Add($"{place.Name}: {bytes} bytes");
                }

                var over = await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
                if (over > 0)
                {
                    faults.Add($"{place.Name}: {over} px too wide at {width} px");
                }

                faults.AddRange(window.Complaints.Select(complaint => $"{place.Name}: {complaint}"));
                window.Complaints.Clear();
                await PictureAsync(window.Page, place.Name, width);

                await window.Page.EvaluateAsync(rules);
                faults.AddRange(await BrokenAsync(window.Page, place.Name, "{}", leastPassed: 8));

                // The other light shows other colours, and nothing else that is new.
                await window.Page.EmulateMediaAsync(new() { ColorScheme = dark ? ColorScheme.Light : ColorScheme.Dark });
                faults.AddRange(await BrokenAsync(window.Page, $"{place.Name}, {(dark ? "light" : "dark")}", "{ runOnly: ['color-contrast'] }", leastPassed: 1));
                await window.Page.EmulateMediaAsync(new() { ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light });

                foreach (var dialog in place.Dialogs)
                {
                    await window.Page.Locator($"main button:text-is('{dialog}'), main button[aria-label='{dialog}']").First.ClickAsync();
                    await window.Page.WaitForSelectorAsync("dialog[open]:not(:has([aria-busy=true], .skeleton))");
                    faults.AddRange(await BrokenAsync(window.Page, $"{place.Name}, {dialog}", "{}", leastPassed: 8));
                    await window.Page.Keyboard.PressAsync("Escape");
                    await window.Page.WaitForSelectorAsync("dialog[open]", new() { State = WaitForSelectorState.Detached });
                }

                window.Complaints.Clear();
            }

            window.Requests.ShouldAllBe(url => url.StartsWith(site.Api.ToString(), StringComparison.Ordinal) || url.StartsWith("data:", StringComparison.Ordinal));
            window.Requests.ShouldAllBe(url => !url.Contains("eyJ", StringComparison.Ordinal), "a token is in an address");
            (await window.Page.Context.CookiesAsync()).ShouldBeEmpty();
        }

        return faults;
    }

    /// <summary>Which of the accessibility rules a page breaks, and where.</summary>
    private static async Task<IEnumerable<string>> BrokenAsync(IPage page, string name, string options, int leastPassed)
    {
        var found = await page.EvaluateAsync<JsonElement>(
            $"Promise.allSettled(document.getAnimations().filter(a => a instanceof CSSTransition).map(a => a.finished)).then(() => axe.run({{ resultTypes: ['violations'], ...{options} }})).then(r => ({{ passed: r.passes.length, faults: r.violations.map(v => `${{v.id}}: ${{v.nodes.map(n => n.target).join(' ')}}`) }}))");
        found.GetProperty("passed").GetInt32().ShouldBeGreaterThanOrEqualTo(leastPassed, $"else axe has not looked at {name}");
        return found.GetProperty("faults").EnumerateArray().Select(fault => $"{name}: {fault.GetString()}");
    }

    private async Task<Place[]> PlacesAsync()
    {
        var (buyer, payment, session, dead) = await SeenAsync();
        return
        [
            new("shop", "/", null),
            new("cancel", "/cancel", null),
            new("sandbox", "/sandbox", null),
            new("signed-out", "/account", null),
            new("lost", "/nothing-here", null),
            new("success", $"/success?session_id={session}", buyer, "main h1:text-is('Thank you')"),
            .. Sections.Select(section => new Place($"account-{section}", $"/account#{section}", buyer, $"#{section}-title") { Dialogs = DialogsOf.GetValueOrDefault(section, []) }),
            new("not-staff", "/admin", buyer, "#refused"),
            new("admin", "/admin#/", site.Alex),
            new("admin-payment", $"/admin#/payments/{payment}", site.Alex, "main >> text=Buyer") { Dialogs = ["Refund…"] },
            new("admin-person", $"/admin#/people/{buyer.Id}", site.Alex) { Dialogs = ["Erase…"] },
            new("admin-event", $"/admin#/events/{dead}", site.Alex, "main pre") { Dialogs = ["Replay…"] },
            .. Views.Select(view => new Place($"admin-{view.Split('?')[0].Replace('/', '-')}", $"/admin#/{view}", site.Alex) { Dialogs = DialogsOf.GetValueOrDefault(view, []) }),
        ];
    }

    /// <summary>A buyer who has something of everything, made once.</summary>
    private Task<Seen> SeenAsync() => site.Once(async () =>
    {
        var buyer = site.Newcomer("Mira Lindqvist");
        if (TakesPictures)
        {
            // Some months of business, so that the charts have something to draw.
            var others = Others.Select(name => site.Newcomer(name)).ToArray();
            await site.BuyAsync(others[0], new { planId = BrowsedSandbox.Monthly });
            for (var week = 0; week < 12; week++)
            {
                await site.BuyAsync(others[week % 3], new { creditPackId = $"c0000000-0000-4000-8000-00000000000{1 + (week * 7 % 3)}" });
                await site.PassAsync("P9D");
            }
        }

        await site.BuyAsync(buyer, new { planId = BrowsedSandbox.Monthly });
        var order = await site.SendAsync(buyer, HttpMethod.Post, "orders", new { items = new[] { new { productId = "f0000000-0000-4000-8000-000000000002", quantity = 2 } } });
        await site.BuyAsync(buyer, new { orderId = order.GetProperty("id").GetString() });
        await site.BuyAsync(buyer, new { itemId = "e0000000-0000-4000-8000-000000000001" });
        var bought = await site.BuyAsync(buyer, new { creditPackId = BrowsedSandbox.Starter });
        var refunded = await site.BuyAsync(buyer, new { creditPackId = "c0000000-0000-4000-8000-000000000002" });
        await site.SendAsync(site.Alex, HttpMethod.Post, $"payments/{refunded.PaymentId}/refunds", new { amount = new { amount = 1000, currency = "usd" }, reason = "requestedByCustomer", note = "Half of it was not needed." });
        var dead = $"evt_{Guid.NewGuid():N}";
        await site.DeliverAsync(new
        {
            id = dead, @object = "event", type = "refund.updated", created = DateTimeOffset.UtcNow.ToUnixTimeSeconds(), api_version = "2019-01-01", livemode = false,
            data = new { @object = new { id = "re_of_another_shop", @object = "refund" } },
        });
        await RunningSandbox.UntilAsync(
            async () => (await site.SendAsync(site.Alex, HttpMethod.Get, $"admin/webhook-events/{dead}")).GetProperty("event").GetProperty("status").GetString() is "dead",
            "the event did not die");
        return new Seen(buyer, refunded.PaymentId, bought.SessionId, dead);
    });

    /// <summary>As if they had signed in before: how they do is looked at elsewhere.</summary>
    private static Task SignedInAsync(Window window, Person? who) => who is null
        ? Task.CompletedTask
        : window.Page.AddInitScriptAsync($"sessionStorage.setItem('payments.token', '{who.Token}')");

    /// <summary>Of each page on a desk, and of the shop on a phone at night.</summary>
    private static async Task PictureAsync(IPage page, string name, int width)
    {
        if (TakesPictures && (width > 500 || name is "shop"))
        {
            var folder = Directory.CreateDirectory(Path.Combine(RunningSandbox.Root, "docs", "images")).FullName;
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, width > 500 ? $"{name}.png" : $"{name}-phone.png"), Animations = ScreenshotAnimations.Disabled });
        }
    }

    /// <summary>
    /// How much a page has to read, before compression, which is more than what goes over the wire. What the browser has
    /// kept from the page before counts as if it were fetched; what a page asks again and again, counts once.
    /// </summary>
    private sealed class Scales
    {
        private readonly Dictionary<string, long> known = new(StringComparer.Ordinal);

        public async Task<long> WeighAsync(IPage page)
        {
            var entries = await page.EvaluateAsync<JsonElement>(
                "[...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(({ name, decodedBodySize }) => ({ name: name.split('#')[0], decodedBodySize }))");
            var names = new HashSet<string>(StringComparer.Ordinal);
            foreach (var entry in entries.EnumerateArray())
            {
                var name = entry.GetProperty("name").GetString()!;
                names.Add(name);
                known[name] = Math.Max(known.GetValueOrDefault(name), entry.GetProperty("decodedBodySize").GetInt64());
            }

            return names.Sum(name => known[name]);
        }
    }

    internal sealed record Seen(Person Buyer, string RefundedPaymentId, string SessionId, string DeadEventId);

    private sealed record Place(string Name, string Address, Person? Who, string? Drawn = null)
    {
        /// <summary>The buttons that open one.</summary>
        public string[] Dialogs { get; init; } = [];

        public string Document => Address.Split('#')[0];

        public async Task DrawnAsync(IPage page)
        {
            await page.SettleAsync();
            if (Drawn is not null)
            {
                await page.WaitForSelectorAsync(Drawn);
                await page.SettleAsync();
            }
        }
    }
}
