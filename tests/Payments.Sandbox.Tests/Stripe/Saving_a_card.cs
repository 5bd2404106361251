using System.Net;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Saving_a_card
{
    [Fact]
    public async Task By_a_setup_intent_tells_so_E()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers");
        var intent = await sandbox.PostAsync("/v1/setup_intents", $"customer={customer["id"]}&payment_method_types[]=card&usage=off_session&metadata[a]=b");
        intent["status"].ShouldBe("requires_payment_method");
        var done = await sandbox.PostAsync($"/v1/setup_intents/{intent["id"]}/confirm", "payment_method=pm_card_visa");
        done["status"].ShouldBe("succeeded");
        (await sandbox.EventTypesAsync()).ShouldBe(["customer.created", "setup_intent.created", "setup_intent.succeeded", "payment_method.attached"]);
        var saved = await sandbox.GetAsync($"/v1/customers/{customer["id"]}/payment_methods?type=card");
        saved["data.0.id"].ShouldBe(done["payment_method"]);
        (await sandbox.GetAsync($"/v1/payment_methods?customer={customer["id"]}"))["data.0.id"].ShouldBe(done["payment_method"]);
    }

    [Fact]
    public async Task That_its_bank_asks_about_is_saved_when_its_owner_has_answered_on_the_challenge_page()
    {
        await using var sandbox = await Sandbox.StartAsync();
        using var browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = sandbox.Simulator.Address };
        var customer = await sandbox.PostAsync("/v1/customers");
        foreach (var (answer, status, ending) in new[] { ("fail", "requires_payment_method", "setup_intent.setup_failed"), ("complete", "succeeded", "payment_method.attached") })
        {
            var asked = await sandbox.PostAsync(
                "/v1/setup_intents",
                $"customer={customer["id"]}&payment_method_types[]=card&confirm=true&payment_method=pm_card_authenticationRequired&return_url=https://shop.example/cards");
            asked["status"].ShouldBe("requires_action");
            var challenge = asked["next_action.redirect_to_url.url"]!;
            (await browser.GetStringAsync(challenge)).ShouldContain("Confirm your payment");
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("outcome", answer)]);
            using var answered = await browser.PostAsync(challenge, form);
            answered.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
            answered.Headers.Location!.ToString().ShouldStartWith($"https://shop.example/cards?setup_intent={asked["id"]}&");
            (await sandbox.GetAsync($"/v1/setup_intents/{asked["id"]}"))["status"].ShouldBe(status);
            (await sandbox.EventTypesAsync())[^1].ShouldBe(ending);
        }

        (await sandbox.GetAsync($"/v1/customers/{customer["id"]}/payment_methods")).Json["data"]!.AsArray().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task As_the_default_tells_of_the_one_before_and_is_forgotten_when_it_is_detached()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers");
        var path = $"/v1/customers/{customer["id"]}";
        var first = await sandbox.PostAsync("/v1/payment_methods/pm_card_visa/attach", $"customer={customer["id"]}");
        var second = await sandbox.PostAsync("/v1/payment_methods/pm_card_mastercard/attach", $"customer={customer["id"]}");
        await sandbox.PostAsync(path, $"invoice_settings[default_payment_method]={first["id"]}");
        (await sandbox.PostAsync(path, $"invoice_settings[default_payment_method]={second["id"]}"))["invoice_settings.default_payment_method"].ShouldBe(second["id"]);
        (await sandbox.EventAsync("customer.updated"))["data"]!["previous_attributes"]!["invoice_settings"]!["default_payment_method"]!.ToString().ShouldBe(first["id"]);
        await sandbox.PostAsync($"/v1/payment_methods/{second["id"]}/detach");
        (await sandbox.GetAsync(path))["invoice_settings.default_payment_method"].ShouldBeNull();
        (await sandbox.EventTypesAsync())[^2..].ShouldBe(["payment_method.detached", "customer.updated"]);
        (await sandbox.GetAsync($"{path}/payment_methods"))["data.0.id"].ShouldBe(first["id"]);
        (await sandbox.PostAsync(path, $"invoice_settings[default_payment_method]={second["id"]}"))["error.code"].ShouldBe("resource_missing");
    }

    [Fact]
    public async Task By_its_number_keeps_the_expiry_it_was_given_and_the_numbers_fingerprint()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var next = sandbox.Simulator.Now.AddMonths(1);
        var customer = await sandbox.PostAsync("/v1/customers");
        var card = await sandbox.PostAsync("/v1/payment_methods", $"type=card&card[number]=4242424242424242&card[exp_month]={next.Month}&card[exp_year]={next.Year}&card[cvc]=123");
        await sandbox.PostAsync($"/v1/payment_methods/{card["id"]}/attach", $"customer={customer["id"]}");
        var attached = (await sandbox.EventAsync("payment_method.attached"))["data"]!["object"]!["card"]!;
        (attached["exp_month"]!.GetValue<int>(), attached["exp_year"]!.GetValue<int>()).ShouldBe((next.Month, next.Year));
        var same = await sandbox.PostAsync("/v1/payment_methods", "type=card&card[token]=tok_visa");
        same["card.fingerprint"].ShouldBe(card["card.fingerprint"]);
        var other = await sandbox.PostAsync("/v1/payment_methods", "type=card&card[token]=tok_mastercard");
        other["card.fingerprint"].ShouldNotBe(card["card.fingerprint"]);
    }

    [Fact]
    public async Task That_declines_says_why_on_the_setup_intent()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers");
        var declined = await sandbox.PostAsync("/v1/setup_intents", $"customer={customer["id"]}&payment_method_types[]=card&confirm=true&payment_method=pm_card_chargeDeclined");
        declined.Status.ShouldBe(HttpStatusCode.PaymentRequired);
        declined["error.setup_intent.last_setup_error.decline_code"].ShouldBe("generic_decline");
        (await sandbox.EventTypesAsync())[^1].ShouldBe("setup_intent.setup_failed");
        var intent = await sandbox.PostAsync("/v1/setup_intents", $"customer={customer["id"]}");
        (await sandbox.PostAsync($"/v1/setup_intents/{intent["id"]}/cancel"))["status"].ShouldBe("canceled");
        (await sandbox.EventTypesAsync())[^1].ShouldBe("setup_intent.canceled");
    }
}
