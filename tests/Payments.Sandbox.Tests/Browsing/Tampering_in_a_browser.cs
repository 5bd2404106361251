using System.Text.Json;
using Microsoft.Playwright;
using Payments.Sandbox.Tests.Pages;

namespace Payments.Sandbox.Tests.Browsing;

/// <summary>Who changes addresses, bodies and names finds a clean refusal, or their own words as text.</summary>
[Collection(Browsed.Name)]
public sealed class Tampering_in_a_browser(BrowsedSandbox site)
{
    private const string Script = "<script>window.owned=1</script>";
    private const string Image = "<img src=x onerror=window.owned=1>";

    [Fact]
    public async Task What_is_somebody_elses_is_not_there()
    {
        var victim = site.Newcomer("Vera Victim");
        var bought = await site.BuyAsync(victim, new { creditPackId = BrowsedSandbox.Starter });
        var order = await site.SendAsync(victim, HttpMethod.Post, "orders", new { items = new[] { new { productId = "f0000000-0000-4000-8000-000000000001", quantity = 1 } } });
        var item = await site.BuyAsync(victim, new { itemId = "e0000000-0000-4000-8000-000000000001" });
        await site.BuyAsync(victim, new { planId = BrowsedSandbox.Monthly });
        var subscription = await FirstAsync("subscriptions/status");
        var invoice = await FirstAsync("invoices");
        var card = await FirstAsync("payments/methods");
        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync($"/success?session_id={bought.SessionId}", site.Newcomer("Mallory"));

        await page.HeadingAsync("No such payment of yours");
        (await page.InnerTextAsync("main")).ShouldNotContain("Starter");
        await page.GotoAsync($"/success?session_id={Uri.EscapeDataString(Image)}");
        await page.HeadingAsync("No such payment of yours");

        var orderId = order.GetProperty("id").GetString();
        foreach (var (method, path, body) in new (string, string, object?)[]
        {
            ("GET", $"payments/{bought.PaymentId}", null),
            ("GET", $"payments/checkout-session/{bought.SessionId}", null),
            ("GET", $"orders/{orderId}", null),
            ("POST", $"orders/{orderId}/cancel", null),
            ("POST", "payments/checkout-session", new { orderId }),
            ("GET", $"subscriptions/{subscription}/preview?planId={BrowsedSandbox.Yearly}", null),
            ("PUT", $"subscriptions/{subscription}", new { planId = BrowsedSandbox.Yearly }),
            ("POST", $"subscriptions/{subscription}/cancel", new { atPeriodEnd = false }),
            ("POST", $"subscriptions/{subscription}/resume", new { }),
            ("POST", $"subscriptions/{subscription}/pause", new { behavior = "void" }),
            ("GET", $"invoices/{invoice}", null),
            ("GET", $"invoices/{invoice}/pdf", null),
            ("POST", $"payments/methods/{card}/default", null),
            ("DELETE", $"payments/methods/{card}", null),
            ("POST", $"purchases/{item.PaymentId}/refund", null),
        })
        {
            var (status, code) = await window.AskAsync(method, path, body);
            status.ShouldBe(404, $"{method} {path}");
            code.ShouldEndWith("not_found", Case.Sensitive, $"{method} {path}");
        }

        // What only staff may, buyers may not even with what is their own.
        (await window.AskAsync("POST", $"payments/{bought.PaymentId}/refunds", new { reason = "other" })).ShouldBe((403, "auth.forbidden"));
        (await FirstAsync("payments/methods")).ShouldBe(card);
        window.ShouldBeClean();

        async Task<string> FirstAsync(string path) => (await site.SendAsync(victim, HttpMethod.Get, path)).GetProperty("items")[0].GetProperty("id").GetString()!;
    }

    [Fact]
    public async Task A_price_of_ones_own_is_refused()
    {
        await using var window = await site.Browser.OpenAsync(site.Api);
        await window.VisitAsync("/", site.Newcomer("Penny Less"));

        foreach (var forged in new object[]
        {
            new { creditPackId = BrowsedSandbox.Starter, price = new { amount = 1, currency = "usd" } },
            new { creditPackId = BrowsedSandbox.Starter, amount = 1 },
            new { creditPackId = BrowsedSandbox.Starter, credits = 100_000 },
            new { planId = BrowsedSandbox.Monthly, quantity = -1 },
        })
        {
            var (status, code) = await window.AskAsync("POST", "payments/checkout-session", forged);
            status.ShouldBe(400, JsonSerializer.Serialize(forged));
            code.ShouldNotBeEmpty();
        }

        window.ShouldBeClean();
    }

    [Fact]
    public async Task The_admin_pages_are_not_for_buyers_whatever_their_token_claims()
    {
        var bought = await site.BuyAsync(site.Newcomer("Otto Other"), new { creditPackId = BrowsedSandbox.Starter });
        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = window.Page;
        await page.GotoAsync($"/admin#/payments/{bought.PaymentId}");
        await page.ClickAsync("main .person:has-text('Ada Lovelace')");
        await page.HeadingAsync("This part is for staff");
        (await page.InnerTextAsync("main")).ShouldNotContain("Otto");
        (await window.AskAsync("GET", $"admin/payments/{bought.PaymentId}")).Status.ShouldBe(403);

        // Roles that were written into the token break its signature.
        await page.EvaluateAsync(
            """
            () => {
              const [head, body, signature] = sessionStorage.getItem('payments.token').split('.');
              sessionStorage.setItem('payments.token', [head, btoa(JSON.stringify({ ...JSON.parse(atob(body)), roles: ['admin'] })).replace(/=+$/, ''), signature].join('.'));
            }
            """);
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("text=These pages are for support, finance and admins.");
        (await page.InnerTextAsync("main")).ShouldNotContain("Otto");
        window.ShouldBeClean();
    }

    [Fact]
    public async Task Markup_in_names_is_shown_as_it_was_written()
    {
        var price = new { amount = 100, currency = "usd" };
        var pack = await site.SendAsync(site.Alex, HttpMethod.Post, "admin/credit-packs", new { name = $"Pack {Image}", credits = 1, price });
        var plan = await site.SendAsync(site.Alex, HttpMethod.Post, "admin/plans", new { name = $"Plan {Script}", price, interval = "month", family = "odd", type = "odd" });
        var product = await site.SendAsync(site.Alex, HttpMethod.Post, "admin/products", new { name = $"Product {Image}", price, available = 5 });
        var mallory = site.Newcomer($"Mallory {Image}", $"\"{Script}\"@example.com");
        var bought = await site.BuyAsync(mallory, new { creditPackId = pack.GetProperty("id").GetString() });

        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync("/", mallory);
        await ShowsAsync($"Pack {Image}", $"Plan {Script}", $"Product {Image}");
        await page.ClickAsync(".user");
        await ShowsAsync($"Mallory {Image}", Script);
        await page.GotoAsync("/account#payments");
        await ShowsAsync($"Pack {Image}");
        await page.GotoAsync($"/success?session_id={bought.SessionId}");
        await ShowsAsync($"Pack {Image}");

        await using var ours = await site.Browser.OpenAsync(site.Api);
        page = await ours.VisitAsync($"/admin#/payments/{bought.PaymentId}", site.Alex);
        await ShowsAsync($"Pack {Image}");
        await page.GotoAsync($"/admin#/people/{mallory.Id}");
        await page.HeadingAsync("Person");
        await page.GotoAsync("/admin#/catalog/plans");
        await ShowsAsync($"Plan {Script}");
        await page.GotoAsync($"/admin#/payments?q={Uri.EscapeDataString(Script)}");
        await page.SettleAsync();
        window.ShouldBeClean();
        ours.ShouldBeClean();
        (await page.EvaluateAsync<bool>("'owned' in window")).ShouldBeFalse();

        foreach (var (shelf, one) in new[] { ("credit-packs", pack), ("plans", plan), ("products", product) })
        {
            await site.SendAsync(site.Alex, HttpMethod.Delete, $"admin/{shelf}/{one.GetProperty("id").GetString()}");
        }

        async Task ShowsAsync(params string[] texts)
        {
            foreach (var text in texts)
            {
                await page.GetByText(text).First.WaitForAsync();
            }

            (await page.EvaluateAsync<bool>("'owned' in window || document.querySelector('img[src=x]') !== null")).ShouldBeFalse();
        }
    }
}

internal static class Tampering
{
    /// <summary>Asks the API from within the page, as a script there would, with the token of who is signed in.</summary>
    public static async Task<(int Status, string Code)> AskAsync(this Window window, string method, string path, object? body = null)
    {
        var answer = await window.Page.EvaluateAsync<JsonElement>(
            """
            async ([method, path, body]) => {
              const response = await fetch(`/api/v1/${path}`, {
                method, body,
                headers: { Authorization: `Bearer ${sessionStorage.getItem('payments.token')}`, 'Idempotency-Key': crypto.randomUUID(), ...(body && { 'Content-Type': 'application/json' }) },
              });
              const text = await response.text();
              return { status: response.status, code: text ? JSON.parse(text).code ?? '' : '' };
            }
            """,
            new[] { method, path, body is null ? null : JsonSerializer.Serialize(body) });
        return (answer.GetProperty("status").GetInt32(), answer.GetProperty("code").GetString()!);
    }
}
