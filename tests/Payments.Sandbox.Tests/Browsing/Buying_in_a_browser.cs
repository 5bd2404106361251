using Microsoft.Playwright;

namespace Payments.Sandbox.Tests.Browsing;

/// <summary>From a button of the shop over the payment page to what the buyer has then.</summary>
[Collection(Browsed.Name)]
public sealed class Buying_in_a_browser(BrowsedSandbox site)
{
    [Fact]
    public async Task A_declined_card_is_said_and_a_good_one_still_buys_once()
    {
        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync("/", site.Newcomer("Dana Declined"));
        await page.PressAsync("Buy: Standard, 500 credits");

        await page.PayAsync("4000 0000 0000 0002");
        await page.WaitForSelectorAsync("#alert:has-text('declined')");
        await page.PayAsync();

        await page.HeadingAsync("Thank you");
        (await page.InnerTextAsync("#outcome")).ShouldContain("You now have 500 credits.");
        await page.GotoAsync("/account#payments");
        await page.WaitForSelectorAsync("main tbody tr");
        var row = (await page.Locator("main tbody tr").AllInnerTextsAsync()).ShouldHaveSingleItem();
        row.ShouldContain("Standard");
        row.ShouldContain("$39.99");
        window.ShouldBeClean();
    }

    [Fact]
    public async Task On_a_phone_3DS_that_is_refused_leads_back_and_one_that_is_completed_on()
    {
        await using var window = await site.Browser.OpenAsync(site.Api, width: 390);
        var page = await window.VisitAsync("/", site.Newcomer("Thea Secure"));
        await page.PressAsync("Buy: Starter, 100 credits");

        await page.PayAsync("4000 0027 6000 3184");
        await page.ClickAsync("text=Fail authentication");
        await page.WaitForSelectorAsync("#alert:has-text('unable to authenticate')");
        await page.PayAsync("4000 0027 6000 3184");
        await page.ClickAsync("text=Complete authentication");

        await page.HeadingAsync("Thank you");
        (await page.InnerTextAsync("#outcome")).ShouldContain("You now have 100 credits.");
        window.ShouldBeClean();
    }

    [Fact]
    public async Task A_bank_debit_is_said_to_be_on_its_way_until_it_is_paid()
    {
        var pack = await site.SendAsync(site.Alex, HttpMethod.Post, "admin/credit-packs", new { name = "Starter (Europe)", credits = 100, price = new { amount = 999, currency = "eur" } });
        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync("/", site.Newcomer("Berta Bank"));
        await page.PressAsync("Buy: Starter (Europe), 100 credits");
        await page.ClickAsync("label.method:has([value=sepa_debit])");
        await page.FillAsync("#iban", "AT321904300235473204"); // Stripe's test account that takes three minutes.
        await page.FillAsync("#name", "Berta Bank");
        await page.ClickAsync("#pay");

        await page.HeadingAsync("Your bank is working on it");
        (await page.InnerTextAsync("#outcome")).ShouldContain("You may close this page.");
        await page.WaitForSelectorAsync(".balance:has-text('0 credits')");

        await site.PassAsync("PT4M");

        await page.HeadingAsync("Thank you"); // By itself.
        (await page.InnerTextAsync("#outcome")).ShouldContain("You now have 100 credits.");
        await page.WaitForSelectorAsync(".balance:has-text('100')");
        window.ShouldBeClean();
        await site.SendAsync(site.Alex, HttpMethod.Delete, $"admin/credit-packs/{pack.GetProperty("id").GetString()}");
    }

    [Fact]
    public async Task A_subscription_is_begun_changed_as_shown_before_cancelled_and_kept_after_all()
    {
        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync("/", site.Newcomer("Sue Scriber"));
        await page.PressAsync("Subscribe: Monthly");
        await page.PayAsync();
        await page.HeadingAsync("Thank you");
        (await page.InnerTextAsync("#outcome")).ShouldContain("Your subscription has begun. You have 200 credits.");

        await page.GotoAsync("/account#subscription");
        await page.PressAsync("Change plan: Monthly");
        await page.GetByLabel("Yearly").CheckAsync();
        await page.PressAsync("See what it costs");
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Heading, new() { Name = "Change to Yearly?" }).WaitForAsync();
        (await dialog.InnerTextAsync()).ShouldContain("Due now");
        var pay = dialog.Locator("button:has-text('and change')");
        var dueNow = (await pay.InnerTextAsync())["Pay ".Length..^" and change".Length];
        (await dialog.Locator("dl").InnerTextAsync()).ShouldContain(dueNow);
        await pay.ClickAsync();
        await page.HeadingAsync("Yearly");
        await page.GotoAsync("/account#payments");
        await page.Locator("main tbody tr", new() { HasText = dueNow }).First.WaitForAsync();

        await page.GotoAsync("/account#subscription");
        await page.PressAsync("Cancel: Yearly");
        await page.PressInDialogAsync("Cancel the subscription");
        await page.WaitForSelectorAsync(".badge:text-is('Ending')");
        await page.PressAsync("Keep it after all: Yearly");
        await page.WaitForSelectorAsync("text=/^Renews on .* for .*190\\.00/");
        (await page.Locator(".badge:text-is('Ending')").CountAsync()).ShouldBe(0);
        window.ShouldBeClean();
    }

    [Fact]
    public async Task Who_comes_back_without_having_paid_goes_on_with_their_own_page_and_nobody_elses()
    {
        var dora = site.Newcomer("Dora Doubts");
        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync("/", dora);
        await page.PressAsync("Buy: Starter, 100 credits");
        await page.WaitForSelectorAsync("#number");
        var open = page.Url;
        await page.GotoAsync($"{site.Api}cancel");
        await page.WaitForSelectorAsync("#outcome >> text=The payment page for “Starter, 100 credits” stays open until");

        // Somebody else at the same desk is offered nothing of hers.
        await page.ChangesHandsAsync(site.Newcomer("Max Next"));
        await page.WaitForSelectorAsync("#outcome >> text=Payments that wait for you are in your account.");
        (await page.InnerTextAsync("main")).ShouldNotContain("Starter");
        var (status, _) = await window.AskAsync("GET", $"payments/checkout-session/{open.Split('/', '?', '#').First(part => part.StartsWith("cs_", StringComparison.Ordinal))}");
        status.ShouldBe(404);

        // She goes on with hers, and what she has paid is not offered once more.
        await page.ChangesHandsAsync(dora);
        await page.GotoAsync("/");
        await page.PressAsync("Buy: Starter, 100 credits");
        await page.WaitForSelectorAsync("#number");
        open = page.Url;
        await page.GotoAsync($"{site.Api}cancel");
        await page.PressAsync("Go on paying");
        await page.WaitForSelectorAsync("#number");
        page.Url.ShouldBe(open);
        await page.PayAsync();
        await page.HeadingAsync("Thank you");
        await page.GotoAsync("/cancel");
        await page.WaitForSelectorAsync("#outcome >> text=Payments that wait for you are in your account.");
        (await page.InnerTextAsync("main")).ShouldNotContain("Go on paying");
        window.ShouldBeClean();
    }

    [Fact]
    public async Task Who_signs_out_while_the_payment_is_looked_at_sees_the_sign_in_and_no_error()
    {
        var zoe = site.Newcomer("Zoe Leaves");
        var bought = await site.BuyAsync(zoe, new { creditPackId = BrowsedSandbox.Starter });
        await using var window = await site.Browser.OpenAsync(site.Api);
        var page = await window.VisitAsync("/", zoe);
        var held = new TaskCompletionSource();
        await page.RouteAsync("**/api/v1/users/me", async route =>
        {
            await held.Task;
            await route.ContinueAsync();
        });
        await page.GotoAsync($"/success?session_id={bought.SessionId}");
        await page.EvaluateAsync("() => import('/assets/session.js').then(session => session.signOut())");
        await page.GetByText("Sign in as who has paid").WaitForAsync();
        held.SetResult();
        await page.UnrouteAllAsync();
        await Task.Delay(500);

        (await page.InnerTextAsync("main")).ShouldContain("Sign in as who has paid");
        window.ShouldBeClean();
    }

    [Fact]
    public async Task The_keyboard_alone_signs_in_buys_and_comes_to_the_account()
    {
        await using var window = await site.Browser.OpenAsync(site.Api);
        var (page, keys) = (window.Page, window.Page.Keyboard);
        await page.GotoAsync("/");
        await page.WaitForSelectorAsync("#goods");
        await page.TabToAsync("Buy: Studio, 2,000 credits");
        await keys.PressAsync("Enter");
        await page.WaitForSelectorAsync("dialog .person");
        await page.TabToAsync("Grace Hopper");
        await keys.PressAsync("Enter");

        await page.WaitForSelectorAsync("#number");
        await page.TabToAsync("Card number");
        await keys.TypeAsync("4242424242424242");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("1234");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("123");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("Grace Hopper");
        await page.TabToAsync("ZIP code");
        await keys.TypeAsync("94107");
        await keys.PressAsync("Enter");

        await page.HeadingAsync("Thank you");
        await page.TabToAsync("To your account");
        await keys.PressAsync("Enter");
        await page.HeadingAsync("Account");
        window.ShouldBeClean();
    }
}
