using System.Text.Json;
using Microsoft.Playwright;
using Payments.Sandbox.Stripe;
using Payments.Sandbox.Tests.Judges;

namespace Payments.Sandbox.Tests.Pages;

/// <summary>The hosted pages in Chromium: what a person sees, types and presses.</summary>
public sealed class CheckoutInABrowserTests(Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    private readonly PagesHost host = new();

    private FakeCheckout Checkout => host.Checkout;

    public async Task InitializeAsync()
    {
        await host.InitializeAsync();
        Checkout.Add(Session());
    }

    public Task DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task The_keyboard_alone_buys()
    {
        await using var window = await Open();
        var keys = window.Page.Keyboard;
        await window.Page.FocusAsync("#email");
        await keys.TypeAsync("ada@example.com");
        await keys.PressAsync("Tab");
        await keys.PressAsync("ArrowRight");
        (await window.Page.IsVisibleAsync("#iban")).ShouldBeTrue();
        await keys.PressAsync("ArrowLeft");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("4242424242424242");
        (await window.Page.InputValueAsync("#number")).ShouldBe("4242 4242 4242 4242");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("1234");
        (await window.Page.InputValueAsync("#expiry")).ShouldBe("12 / 34");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("123");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("Ada Lovelace");
        await keys.PressAsync("Tab");
        (await window.FocusedAsync()).ShouldBe("country");
        await keys.TypeAsync("United K");
        await keys.PressAsync("Tab");
        await keys.TypeAsync("SW1A 1AA");
        await keys.PressAsync("Tab");
        (await window.FocusedAsync()).ShouldBe("pay");
        await keys.PressAsync("Enter");
        await window.ArriveAsync(host.Paid);
        var payment = Checkout.Payments.ShouldHaveSingleItem();
        (payment.CardNumber, payment.ExpMonth, payment.ExpYear, payment.Country, payment.PostalCode).ShouldBe(("4242424242424242", 12, 34, "GB", "SW1A 1AA"));
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_test_cards_can_be_chosen_by_keyboard_and_fill_the_form()
    {
        await using var window = await Open();
        await window.Page.FocusAsync(".help summary");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.Page.Keyboard.PressAsync("Tab");
        await window.Page.Keyboard.PressAsync("Enter");
        (await window.Page.InputValueAsync("#number")).ShouldBe("4242 4242 4242 4242");
        (await window.FocusedAsync()).ShouldBe("pay");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.ArriveAsync(host.Paid);
        Checkout.Payments.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Focus_moves_to_the_first_bad_field_and_its_fault_is_told()
    {
        await using var window = await Open();
        await window.FillAsync();
        await window.Page.FillAsync("#number", "4242 4242 4242 4241");
        await window.Page.FillAsync("#expiry", "1320");
        await window.Page.FillAsync("#cvc", "1");
        await window.Page.ClickAsync("#pay");
        (await window.FocusedAsync()).ShouldBe("number");
        (await window.Page.GetAttributeAsync("#number", "aria-invalid")).ShouldBe("true");
        (await window.Page.TextContentAsync("#number-error")).ShouldBe("Your card number is invalid.");
        (await window.Page.TextContentAsync("#expiry-error")).ShouldBe("Your card's expiration month is invalid.");
        (await window.Page.TextContentAsync("#cvc-error")).ShouldBe("Your card's security code is incomplete.");
        await window.Page.FillAsync("#number", "4242 4242 4242 4242");
        (await window.Page.GetAttributeAsync("#number", "aria-invalid")).ShouldBeNull();
        (await window.Page.TextContentAsync("#number-error")).ShouldBeEmpty();
        window.Requests.ShouldNotContain(r => r.EndsWith("/nothing", StringComparison.Ordinal));
        Checkout.Payments.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("0121", "Your card's expiration year is in the past.")]
    [InlineData("12", "Your card's expiration date is incomplete.")]
    [InlineData("1299", "Your card's expiration year is invalid.")]
    public async Task A_date_that_cannot_be_right_is_told_on_leaving_the_field(string typed, string message)
    {
        await using var window = await Open();
        await window.Page.FocusAsync("#expiry");
        await window.Page.Keyboard.TypeAsync(typed);
        await window.Page.Keyboard.PressAsync("Tab");
        (await window.Page.TextContentAsync("#expiry-error")).ShouldBe(message);
    }

    [Fact]
    public async Task A_fault_told_on_leaving_a_field_does_not_push_the_button_from_under_the_pointer()
    {
        await using var window = await Open();
        await window.FillAsync();
        await window.Page.FillAsync("#expiry", "12");
        await window.Page.Locator("#pay").ScrollIntoViewIfNeededAsync();
        var button = (await window.Page.Locator("#pay").BoundingBoxAsync())!;
        await window.Page.Mouse.MoveAsync(button.X + 50, button.Y + 3);
        await window.Page.FocusAsync("#expiry");
        await window.Page.Mouse.DownAsync();
        await window.Page.Mouse.UpAsync();
        (await window.FocusedAsync()).ShouldBe("expiry", "the press was lost");
        (await window.Page.TextContentAsync("#expiry-error")).ShouldBe("Your card's expiration date is incomplete.");
    }

    [Fact]
    public async Task An_American_Express_card_has_its_own_shape()
    {
        await using var window = await Open();
        await window.Page.FocusAsync("#number");
        await window.Page.Keyboard.TypeAsync("378282246310005");
        (await window.Page.InputValueAsync("#number")).ShouldBe("3782 822463 10005");
        (await window.Page.GetAttributeAsync("#brands use", "href")).ShouldBe("#brand-amex");
        await window.Page.FillAsync("#cvc", "123");
        await window.Page.FocusAsync("#name");
        (await window.Page.TextContentAsync("#cvc-error")).ShouldBe("Your card's security code is incomplete.");
    }

    [Fact]
    public async Task A_digit_is_corrected_in_the_middle_and_the_caret_stays()
    {
        await using var window = await Open();
        await window.Page.FocusAsync("#number");
        await window.Page.Keyboard.TypeAsync("42424424");
        await window.Page.EvaluateAsync("document.getElementById('number').setSelectionRange(4, 4)");
        await window.Page.Keyboard.TypeAsync("2");
        (await window.Page.InputValueAsync("#number")).ShouldBe("4242 2442 4");
        await window.Page.Keyboard.TypeAsync("7");
        (await window.Page.InputValueAsync("#number")).ShouldBe("4242 2744 24");
    }

    [Fact]
    public async Task A_double_click_pays_once()
    {
        Checkout.Delay = TimeSpan.FromMilliseconds(300);
        await using var window = await Open();
        await window.FillAsync();
        await window.Page.DblClickAsync("#pay");
        await window.Page.Keyboard.PressAsync("Enter");
        await window.ArriveAsync(host.Paid);
        Checkout.Payments.ShouldHaveSingleItem();
        window.Requests.Count(r => r.EndsWith("/c/pay/cs_test_1", StringComparison.Ordinal)).ShouldBe(2, "the page itself, and one payment");
    }

    [Fact]
    public async Task A_decline_is_told_in_place_and_leaves_the_form_usable()
    {
        await using var window = await Open();
        await window.FillAsync("0002");
        await window.Page.ClickAsync("#pay");
        await window.Page.WaitForSelectorAsync("#alert p");
        (await window.Page.TextContentAsync("#alert")).ShouldBe("Your card was declined.");
        (await window.FocusedAsync()).ShouldBe("alert");
        (await window.Page.InputValueAsync("#number")).ShouldBe("4000 0000 0000 0002");
        await window.Page.FillAsync("#number", "4000 0000 0000 0127");
        await window.Page.ClickAsync("#pay");
        await window.Page.WaitForSelectorAsync("#cvc[aria-invalid]");
        (await window.FocusedAsync()).ShouldBe("cvc");
        await window.Page.FillAsync("#number", "4242 4242 4242 4242");
        await window.Page.ClickAsync("#pay");
        await window.ArriveAsync(host.Paid);
        Checkout.Payments.Count.ShouldBe(3);
    }

    [Fact]
    public async Task A_server_that_is_gone_leaves_the_form_usable()
    {
        await using var window = await Open();
        await window.FillAsync();
        await window.Page.RouteAsync("**/c/pay/*", r => r.AbortAsync());
        await window.Page.ClickAsync("#pay");
        await window.Page.WaitForSelectorAsync("#alert p");
        (await window.Page.InnerTextAsync("#alert p")).ShouldContain("could not reach");
        await window.Page.UnrouteAsync("**/c/pay/*");
        await window.Page.ClickAsync("#pay");
        await window.ArriveAsync(host.Paid);
        Checkout.Payments.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_amount_that_changed_is_shown_before_it_is_paid()
    {
        await using var window = await Open();
        await window.FillAsync();
        Checkout.Add(Session() with { Subtotal = 4000, Total = 4000 });
        await window.Page.ClickAsync("#pay");
        await window.Page.WaitForSelectorAsync("#alert p");
        (await window.Page.TextContentAsync("#pay-text")).ShouldBe("Pay $40.00");
        (await window.Page.TextContentAsync(".total")).ShouldBe("$40.00");
        (await window.Page.InputValueAsync("#number")).ShouldBe("4242 4242 4242 4242");
        Checkout.Payments.ShouldBeEmpty();
        await window.Page.ClickAsync("#pay");
        await window.ArriveAsync(host.Paid);
        Checkout.Payments.ShouldHaveSingleItem().ExpectedAmount.ShouldBe(4000);
    }

    [Fact]
    public async Task A_promotion_code_changes_the_amount_and_keeps_what_was_typed()
    {
        await using var window = await Open();
        await window.FillAsync();
        await window.Page.ClickAsync(".code summary");
        await window.Page.FillAsync("#code", "nope");
        await window.Page.PressAsync("#code", "Enter");
        await window.Page.WaitForSelectorAsync("#code[aria-invalid]");
        (await window.Page.TextContentAsync("#code-error")).ShouldBe("This code is invalid.");
        await window.Page.FillAsync("#code", "save10");
        await window.Page.PressAsync("#code", "Enter");
        await window.Page.WaitForSelectorAsync(".chip-remove");
        (await window.Page.TextContentAsync("#pay-text")).ShouldBe("Pay $31.49");
        (await window.Page.InputValueAsync("#number")).ShouldBe("4242 4242 4242 4242");
        await window.Page.ClickAsync(".chip-remove");
        await window.Page.WaitForSelectorAsync(".code summary");
        (await window.Page.TextContentAsync("#pay-text")).ShouldBe("Pay $34.99");
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_failed_challenge_leads_back_with_what_was_typed_and_a_completed_one_to_the_shop()
    {
        await using var window = await Open();
        await window.FillAsync(number: "4000 0027 6000 3184");
        await window.Page.ClickAsync("#pay");
        await window.Page.ClickAsync("text=Fail authentication");
        await window.Page.WaitForSelectorAsync("#alert p");
        (await window.Page.InnerTextAsync("#alert")).ShouldContain("unable to authenticate");
        (await window.Page.InputValueAsync("#email")).ShouldBe("ada@example.com");
        (await window.Page.InputValueAsync("#name")).ShouldBe("Ada Lovelace");
        (await window.Page.InputValueAsync("#number")).ShouldBeEmpty();
        await window.FillAsync(number: "4000 0027 6000 3184");
        await window.Page.ClickAsync("#pay");
        await window.Page.ClickAsync("text=Complete authentication");
        await window.ArriveAsync(host.Paid);
        Checkout.Authentications.ShouldBe([false, true]);
        window.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_challenge_is_answered_once_however_often_it_is_pressed()
    {
        Checkout.Delay = TimeSpan.FromMilliseconds(300);
        Checkout.Add(FakeCheckout.Challenge("cs_test_1"));
        await using var window = await browser.OpenAsync(host.Root);
        await window.Page.GotoAsync("/3ds/pi_1");
        await window.Page.DblClickAsync("text=Complete authentication");
        await window.ArriveAsync(host.Paid);
        Checkout.Authentications.ShouldBe([true]);
    }

    [Fact]
    public async Task A_bank_debit_shows_its_own_fields_only()
    {
        await using var window = await Open();
        await window.Page.CheckAsync("[value=sepa_debit]", new PageCheckOptions { Force = true });
        (await window.Page.IsVisibleAsync("#number")).ShouldBeFalse();
        (await window.Page.IsVisibleAsync("#country")).ShouldBeFalse();
        (await window.Page.InnerTextAsync("label[for=name]")).ShouldBe("Account holder name");
        await window.Page.FillAsync("#email", "ada@example.com");
        await window.Page.FillAsync("#name", "Ada Lovelace");
        await window.Page.FocusAsync("#iban");
        await window.Page.Keyboard.TypeAsync("at611904300234573201");
        (await window.Page.InputValueAsync("#iban")).ShouldBe("AT61 1904 3002 3457 3201");
        await window.Page.ClickAsync("#pay");
        await window.ArriveAsync(host.Paid);
        var payment = Checkout.Payments.ShouldHaveSingleItem();
        (payment.Iban, payment.CardNumber).ShouldBe(("AT611904300234573201", null));
    }

    [Fact]
    public async Task Without_script_the_form_pays_too()
    {
        await using var window = await browser.OpenAsync(host.Root, script: false);
        await window.Page.GotoAsync("/c/pay/cs_test_1");
        await window.FillAsync("0002");
        await window.Page.ClickAsync("#pay");
        (await window.Page.TextContentAsync("#alert p")).ShouldBe("Your card was declined.");
        await window.FillAsync();
        await window.Page.ClickAsync("#pay");
        await window.ArriveAsync(host.Paid);
        (await window.Page.TextContentAsync("h1")).ShouldBe("The shop");
    }

    [Fact]
    public async Task Nothing_is_asked_of_anyone_else_and_the_policy_is_not_broken()
    {
        await using var window = await Open();
        await window.FillAsync("0002");
        await window.Page.ClickAsync("#pay");
        await window.Page.WaitForSelectorAsync("#alert p");
        window.Requests.ShouldAllBe(r => r.StartsWith(host.Root.ToString(), StringComparison.Ordinal) || r.StartsWith("data:", StringComparison.Ordinal));
        window.Complaints.ShouldBeEmpty();
        (await window.Page.Context.CookiesAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(320, false)]
    [InlineData(360, true)]
    [InlineData(820, false)]
    [InlineData(1280, true)]
    public async Task Axe_finds_nothing_and_nothing_runs_over_the_edge(int width, bool dark)
    {
        Checkout.Add(FakeCheckout.Session("cs_over") with { Status = "expired" });
        Checkout.Add(FakeCheckout.Session("cs_paid") with { Status = "complete", PaymentStatus = "paid" });
        Checkout.Add(FakeCheckout.Session("cs_discount") with { Discount = 350, Total = 3149, DiscountLabel = "SAVE10", DiscountRemovable = true, EmailLocked = true, CustomerEmail = "ada@example.com" });
        Checkout.Add(FakeCheckout.Challenge("cs_test_1"));
        var axe = await JudgesPackages.FileAsync("axe-core", "axe.min.js");
        await using var window = await browser.OpenAsync(host.Root, width, dark, bypassPolicy: true);
        foreach (var path in (string[])["/c/pay/cs_test_1", "/c/pay/cs_discount", "/c/pay/cs_over", "/c/pay/cs_paid", "/3ds/pi_1", "/c/pay/nothing"])
        {
            await window.Page.GotoAsync(path);
            if (await window.Page.QuerySelectorAsync("#checkout") is not null)
            {
                // With every fault shown and the help open.
                await window.Page.ClickAsync("#pay");
                await window.Page.ClickAsync(".help summary");
            }

            await window.Page.AddScriptTagAsync(new PageAddScriptTagOptions { Path = axe });
            var faults = await window.Page.EvaluateAsync<JsonElement>(
                "axe.run().then(r => ({ passed: r.passes.length, faults: r.violations.map(v => `${v.id}: ${v.nodes.map(n => n.target).join(' ')}`) }))");
            faults.GetProperty("faults").EnumerateArray().Select(f => $"{path}: {f.GetString()}").ShouldBeEmpty();
            faults.GetProperty("passed").GetInt32().ShouldBeGreaterThan(8, "else axe has not looked");
            (await window.Page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
                .ShouldBe(0, $"{path} at {width} px");
        }
    }

    private CheckoutPageView Session() => FakeCheckout.Session() with { SuccessUrl = host.Paid.AbsoluteUri };

    private async Task<Window> Open()
    {
        var window = await browser.OpenAsync(host.Root);
        await window.Page.GotoAsync("/c/pay/cs_test_1");
        return window;
    }
}
