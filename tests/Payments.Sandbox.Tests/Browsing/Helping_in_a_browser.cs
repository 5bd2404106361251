using Microsoft.Playwright;
using Payments.Sandbox.Tests.Pages;
using Payments.Sandbox.Tests.Supervision;

namespace Payments.Sandbox.Tests.Browsing;

/// <summary>What support, finance and admins do on the admin pages, and what the buyer sees of it.</summary>
[Collection(Browsed.Name)]
public sealed class Helping_in_a_browser(BrowsedSandbox site)
{
    [Fact]
    public async Task A_refund_says_first_what_it_takes_back_and_the_buyer_sees_it_go_in_another_window()
    {
        var buyer = site.Newcomer("Rita Refund");
        var bought = await site.BuyAsync(buyer, new { creditPackId = BrowsedSandbox.Starter });
        await using var theirs = await site.Browser.OpenAsync(site.Api);
        var account = await theirs.VisitAsync("/account#credits", buyer);
        await account.WaitForSelectorAsync(".balance:has-text('100')");

        await using var ours = await site.Browser.OpenAsync(site.Api);
        var admin = ours.Page;
        await admin.GotoAsync($"/admin#/payments/{bought.PaymentId}");
        await admin.ClickAsync("main .person:has-text('Alex Admin')");
        await admin.PressAsync("Refund…");
        var effect = admin.Locator("dialog .effect");
        await effect.GetByText("100 credits are taken back; the balance goes from 100 to 0.").WaitForAsync();
        (await effect.InnerTextAsync()).ShouldContain("$9.99 goes back; nothing is left to give back.");
        await admin.PressInDialogAsync("Refund");
        await admin.WaitForSelectorAsync(".toast:has-text('$9.99 is on its way back.')");

        await account.WaitForSelectorAsync(".balance:text-matches('^0\\\\s')"); // Live, nobody has reloaded it.
        await account.WaitForSelectorAsync("main .figure:text-matches('^0\\\\b')");
        ours.ShouldBeClean();
        theirs.ShouldBeClean();
    }

    [Fact]
    public async Task Whatever_a_customer_quotes_leads_to_what_it_is_about()
    {
        var buyer = site.Newcomer("Quinn Quote");
        var bought = await site.BuyAsync(buyer, new { planId = BrowsedSandbox.Monthly });
        var payment = await site.SendAsync(site.Alex, HttpMethod.Get, $"admin/payments/{bought.PaymentId}");
        var links = payment.GetProperty("links");
        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync("/admin", site.Alex);
        foreach (var quoted in new[] { bought.PaymentId, links.GetProperty("invoiceNumber").GetString(), links.GetProperty("subscriptionGatewayId").GetString(), payment.GetProperty("intentId").GetString() })
        {
            await FindAsync(quoted!, $"payments/{bought.PaymentId}");
        }

        await FindAsync(buyer.Id, $"people/{buyer.Id}");
        await FindAsync("INV-404404", "ledger");
        await page.WaitForSelectorAsync("text=No payment, nor anything that belongs to one, has this id or number.");
        window.ShouldBeClean();

        async Task FindAsync(string wanted, string place)
        {
            await page.GotoAsync("/admin#/ledger");
            await page.HeadingAsync("Ledger");
            await page.GetByRole(AriaRole.Searchbox).FillAsync(wanted);
            await page.PressAsync("Find");
            // What follows the # is no navigation: waiting for one now and then misses it.
            await page.WaitForFunctionAsync("place => location.hash === `#/${place}`", place);
        }
    }

    [Fact]
    public async Task The_keyboard_alone_refunds_a_part()
    {
        var bought = await site.BuyAsync(site.Newcomer("Kay Keys"), new { creditPackId = BrowsedSandbox.Starter });
        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync($"/admin#/payments/{bought.PaymentId}", site.Alex);
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("button:text-is('Refund…')");
        var keys = page.Keyboard;
        await page.TabToAsync("Refund…");
        await keys.PressAsync("Enter");
        await page.WaitForSelectorAsync("dialog .effect li");
        await keys.PressAsync("ArrowDown");
        await page.WaitForSelectorAsync("text=Say how much.");
        await keys.TypeAsync("4.00");
        await page.WaitForSelectorAsync("dialog .effect:has-text('$4.00')");
        await keys.PressAsync("Enter");

        await page.WaitForSelectorAsync(".toast:has-text('$4.00 is on its way back.')");
        await page.WaitForSelectorAsync("main .badge:text-is('Partially refunded')");
        (await window.FocusedAsync()).ShouldBe("H1", "the button that had the focus was drawn anew");
        window.ShouldBeClean();
    }

    [Fact]
    public async Task A_dead_letter_says_why_and_is_replayed_once_it_is_put_right()
    {
        var buyer = site.Newcomer("Dora Letter");
        var bought = await site.BuyAsync(buyer, new { creditPackId = BrowsedSandbox.Starter });
        await site.SendAsync(site.Alex, HttpMethod.Post, $"payments/{bought.PaymentId}/refunds", new { amount = new { amount = 300, currency = "usd" }, reason = "requestedByCustomer" });
        var payment = await site.SendAsync(site.Alex, HttpMethod.Get, $"admin/payments/{bought.PaymentId}");
        var refunds = await site.StripeAsync(HttpMethod.Get, $"refunds?payment_intent={payment.GetProperty("intentId").GetString()}");
        var refund = refunds.GetProperty("data")[0].GetProperty("id").GetString()!;
        var id = $"evt_{Guid.NewGuid():N}";
        // In the shape of a version that we do not read, so the provider is asked, and it has no such refund.
        await site.DeliverAsync(new
        {
            id,
            @object = "event",
            type = "refund.updated",
            created = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
            api_version = "2019-01-01",
            livemode = false,
            data = new { @object = new { id = "re_nobody_knows", @object = "refund", payment_intent = payment.GetProperty("intentId").GetString(), client_secret = "a_secret_of_theirs" } },
        });
        await RunningSandbox.UntilAsync(
            async () => (await site.SendAsync(site.Alex, HttpMethod.Get, $"admin/webhook-events/{id}")).GetProperty("event").GetProperty("status").GetString() is "dead",
            "the event did not die");

        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync("/admin#/dead-letters", site.Alex);
        await page.ClickAsync($"main tbody a[href*='{id}']");
        await page.WaitForSelectorAsync("text=The provider does not know what the event is about");
        (await page.InnerTextAsync("main pre")).ShouldNotContain("a_secret_of_theirs");

        await site.RepairAsync("UPDATE payments.webhook_events SET payload = convert_to(replace(convert_from(payload, 'UTF8'), 're_nobody_knows', $1), 'UTF8') WHERE id = $2", refund, id);
        await page.PressAsync("Replay…");
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Reason").FillAsync("It was about another refund.");
        await page.PressInDialogAsync("Replay");

        await page.WaitForSelectorAsync("[data-status=processed]");
        (await site.SendAsync(site.Alex, HttpMethod.Get, $"admin/payments/{bought.PaymentId}")).GetProperty("refunded").GetProperty("amount").GetInt64().ShouldBe(300);
        window.ShouldBeClean();
    }

    [Fact]
    public async Task A_dialog_that_was_refused_says_where_and_is_corrected_and_sent_again()
    {
        var word = $"Odd pack {Guid.NewGuid():N}"[..16];
        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync("/admin#/catalog", site.Alex);
        await page.PressAsync("New credit pack…");
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.Locator("[name=name]").FillAsync(word);
        await dialog.Locator("[name=credits]").FillAsync("0");
        await dialog.Locator("[name='price.amount']").FillAsync("5.00");
        await page.PressInDialogAsync("Create");
        await dialog.Locator("[name=credits][aria-invalid=true]").WaitForAsync();
        (await dialog.Locator(".field:has([name=credits]) .field-error").InnerTextAsync()).ShouldNotBeEmpty();

        await dialog.Locator("[name=credits]").FillAsync("70");
        await page.PressInDialogAsync("Create");

        await page.WaitForSelectorAsync(".toast:has-text('Created, and on sale.')");
        await page.WaitForSelectorAsync($"main tbody tr:has-text('{word}')");
        var packs = (await site.SendAsync(site.Alex, HttpMethod.Get, "admin/credit-packs?limit=100")).GetProperty("items").EnumerateArray().Where(p => p.GetProperty("name").GetString() == word).ToList();
        packs.ShouldHaveSingleItem();
        window.ShouldBeClean();
        await site.SendAsync(site.Alex, HttpMethod.Delete, $"admin/credit-packs/{packs[0].GetProperty("id").GetString()}");
    }

    [Fact]
    public async Task Finance_may_look_but_is_offered_no_refund_and_refused_one()
    {
        var bought = await site.BuyAsync(site.Newcomer("Finn Look"), new { creditPackId = BrowsedSandbox.Starter });
        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync($"/admin#/payments/{bought.PaymentId}", site.Fay);
        await page.WaitForSelectorAsync("main >> text=$9.99");

        (await page.GetByRole(AriaRole.Button, new() { Name = "Refund…" }).CountAsync()).ShouldBe(0);
        (await window.AskAsync("POST", $"payments/{bought.PaymentId}/refunds", new { reason = "other" })).Status.ShouldBe(403);
    }
}
