using System.Net;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Paying_an_intent
{
    private const string Card = "amount=2000&currency=usd&payment_method_types[]=card";

    [Fact]
    public async Task At_once_succeeds_and_settles_later()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var paid = await sandbox.PostAsync("/v1/payment_intents", Card + "&confirm=true&payment_method=pm_card_visa&metadata[order]=7");
        paid["status"].ShouldBe("succeeded");
        paid["amount_received"].ShouldBe("2000");
        await sandbox.AdvanceAsync("PT2M");
        (await sandbox.EventTypesAsync()).ShouldBe(["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated"]);
        (await sandbox.GetAsync($"/v1/charges/{paid["latest_charge"]}"))["metadata.order"].ShouldBe("7");
    }

    [Fact]
    public async Task Step_by_step_goes_through_its_states()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var intent = await sandbox.PostAsync("/v1/payment_intents", "amount=2000&currency=usd&automatic_payment_methods[enabled]=true");
        intent["status"].ShouldBe("requires_payment_method");
        var path = $"/v1/payment_intents/{intent["id"]}";
        (await sandbox.PostAsync(path, "payment_method=pm_card_visa&amount=2500"))["status"].ShouldBe("requires_confirmation");
        (await sandbox.PostAsync(path + "/confirm"))["error.param"].ShouldBe("return_url");
        var paid = await sandbox.PostAsync(path + "/confirm", "return_url=https://shop.example/back");
        paid["status"].ShouldBe("succeeded");
        paid["amount_received"].ShouldBe("2500");
        (await sandbox.PostAsync(path + "/confirm", "return_url=https://shop.example/back"))["error.code"].ShouldBe("payment_intent_unexpected_state");
        (await sandbox.PostAsync(path, "amount=3000"))["error.code"].ShouldBe("payment_intent_unexpected_state");
        (await sandbox.PostAsync(path + "/cancel"))["error.code"].ShouldBe("payment_intent_unexpected_state");
    }

    [Fact]
    public async Task Canceled_tells_so_A7()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var intent = await sandbox.PostAsync("/v1/payment_intents", "amount=2000&currency=usd");
        var canceled = await sandbox.PostAsync($"/v1/payment_intents/{intent["id"]}/cancel", "cancellation_reason=requested_by_customer");
        canceled["status"].ShouldBe("canceled");
        canceled["cancellation_reason"].ShouldBe("requested_by_customer");
        (await sandbox.EventTypesAsync()).ShouldBe(["payment_intent.created", "payment_intent.canceled"]);
    }

    [Fact]
    public async Task Captured_by_hand_A8()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var held = await sandbox.PostAsync("/v1/payment_intents", Card + "&confirm=true&payment_method=pm_card_visa&capture_method=manual");
        held["status"].ShouldBe("requires_capture");
        held["amount_capturable"].ShouldBe("2000");
        var path = $"/v1/payment_intents/{held["id"]}/capture";
        (await sandbox.PostAsync(path, "amount_to_capture=2001")).Status.ShouldBe(HttpStatusCode.BadRequest);
        var captured = await sandbox.PostAsync(path, "amount_to_capture=1500");
        captured["amount_received"].ShouldBe("1500");
        await sandbox.AdvanceAsync("PT2M");
        (await sandbox.EventTypesAsync()).ShouldBe(
        [
            "payment_intent.created", "charge.succeeded", "payment_intent.amount_capturable_updated", "charge.captured", "payment_intent.succeeded", "charge.updated",
        ]);
    }

    [Fact]
    public async Task By_3DS_with_a_custom_page_redirects_and_comes_back()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var asked = await sandbox.PostAsync("/v1/payment_intents", Card + "&confirm=true&payment_method=pm_card_authenticationRequired&return_url=https://shop.example/back?x=1");
        asked["status"].ShouldBe("requires_action");
        asked["next_action.type"].ShouldBe("redirect_to_url");
        asked["next_action.redirect_to_url.url"].ShouldBe($"{sandbox.Simulator.Address}3ds/{asked["id"]}");
        var accepted = await sandbox.ControlAsync($"/sandbox/intents/{asked["id"]}/authenticate", """{ "accepted": true }""");
        accepted["status"].ShouldBe("succeeded");

        var without = await sandbox.PostAsync("/v1/payment_intents", Card + "&confirm=true&payment_method=pm_card_authenticationRequired");
        without["next_action.type"].ShouldBe("use_stripe_sdk");
    }

    [Fact]
    public async Task Off_session_with_a_card_that_wants_its_buyer_is_declined()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers");
        var declined = await sandbox.PostAsync(
            "/v1/payment_intents", Card + $"&confirm=true&off_session=true&customer={customer["id"]}&payment_method=pm_card_authenticationRequired");
        declined.Status.ShouldBe(HttpStatusCode.PaymentRequired);
        declined["error.code"].ShouldBe("authentication_required");

        var setUp = await sandbox.PostAsync("/v1/payment_intents", Card + "&confirm=true&off_session=true&payment_method=pm_card_authenticationRequiredSetupForOffSession");
        setUp["status"].ShouldBe("succeeded");
    }

    [Fact]
    public async Task With_a_saved_card_needs_its_customer()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers");
        var card = await sandbox.PostAsync("/v1/payment_methods/pm_card_visa/attach", $"customer={customer["id"]}");
        (await sandbox.PostAsync("/v1/payment_intents", Card + $"&confirm=true&payment_method={card["id"]}")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await sandbox.PostAsync("/v1/payment_intents", Card + $"&confirm=true&off_session=true&payment_method={card["id"]}&customer={customer["id"]}"))["status"].ShouldBe("succeeded");
    }

    [Fact]
    public async Task A_card_set_up_once_pays_off_session_afterwards()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers");
        var setup = await sandbox.PostAsync(
            "/v1/setup_intents", $"customer={customer["id"]}&payment_method_types[]=card&confirm=true&payment_method=pm_card_authenticationRequiredOnSetup&return_url=https://shop.example");
        setup["status"].ShouldBe("requires_action");
        await sandbox.ControlAsync($"/sandbox/intents/{setup["id"]}/authenticate", """{ "accepted": true }""");
        var done = await sandbox.GetAsync($"/v1/setup_intents/{setup["id"]}");
        done["status"].ShouldBe("succeeded");
        var paid = await sandbox.PostAsync("/v1/payment_intents", Card + $"&confirm=true&off_session=true&customer={customer["id"]}&payment_method={done["payment_method"]}");
        paid["status"].ShouldBe("succeeded");
        (await sandbox.EventTypesAsync()).ShouldContain("payment_method.attached");
    }

    [Theory]
    [InlineData("4242424242424241", "12", "34", "123", "incorrect_number")]
    [InlineData("4242424242424242", "13", "34", "123", "invalid_expiry_month")]
    [InlineData("4242424242424242", "12", "20", "123", "invalid_expiry_year")]
    [InlineData("4242424242424242", "12", "34", "12", "invalid_cvc")]
    [InlineData("378282246310005", "12", "34", "123", "invalid_cvc")]
    [InlineData("42424242", "12", "34", "123", "invalid_number")]
    public async Task A_mistyped_card_is_refused_with_its_field(string number, string month, string year, string cvc, string code)
    {
        await using var sandbox = await Sandbox.StartAsync();
        var refused = await sandbox.PostAsync("/v1/payment_methods", $"type=card&card[number]={number}&card[exp_month]={month}&card[exp_year]={year}&card[cvc]={cvc}");
        refused.Status.ShouldBe(HttpStatusCode.PaymentRequired);
        refused["error.code"].ShouldBe(code);
        refused["error.param"].ShouldNotBeNull();
    }

    [Fact]
    public async Task A_declining_card_cannot_be_attached_but_the_dunning_card_can()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var customer = await sandbox.PostAsync("/v1/customers");
        (await sandbox.PostAsync("/v1/payment_methods/pm_card_chargeDeclined/attach", $"customer={customer["id"]}")).Status.ShouldBe(HttpStatusCode.PaymentRequired);
        var dunning = await sandbox.PostAsync("/v1/payment_methods/pm_card_chargeCustomerFail/attach", $"customer={customer["id"]}");
        dunning["customer"].ShouldBe(customer["id"]);
        var detached = await sandbox.PostAsync($"/v1/payment_methods/{dunning["id"]}/detach");
        detached["customer"].ShouldBeNull();
        (await sandbox.EventAsync("payment_method.detached"))["data"]!["previous_attributes"]!["customer"]!.ToString().ShouldBe(customer["id"]);
    }
}
