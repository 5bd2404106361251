using Payments.Sandbox.Stripe;

namespace Payments.Sandbox.Tests.Stripe;

public sealed class Standing_beside_an_api
{
    [Fact]
    public async Task That_is_known_only_later_gets_what_happens_from_then_on()
    {
        await using var sandbox = await Sandbox.StartAsync(o => o with { WebhookUrl = null });
        await sandbox.PostAsync("/v1/customers");
        sandbox.Simulator.SetApi(sandbox.Receiver.Url, sandbox.Receiver.Url);
        await sandbox.PostAsync("/v1/products", "name=x");

        await sandbox.Receiver.WaitForAsync(1);

        await Task.Delay(200);
        sandbox.Receiver.Deliveries.Select(d => d.Type).ShouldBe(["product.created"]);
        (await sandbox.EventTypesAsync()).ShouldBe(["customer.created", "product.created"]);
        (await sandbox.GetAsync("/v1/events?delivery_success=true")).Json["data"]!.AsArray().Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_page_pays_through_the_backend_and_keeps_the_card_when_ticked()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var backend = new CheckoutPageBackend(sandbox.Simulator.Engine, new StripeSimulatorOptions());
        var customer = await sandbox.PostAsync("/v1/customers", "email=ada@example.com");
        var session = await sandbox.SessionAsync(more: $"customer={customer["id"]}");
        var view = backend.Find(session["id"]!)!;
        (view.Total, view.EmailLocked, view.CustomerEmail).ShouldBe((3000, true, "ada@example.com"));
        var card = new PagePayment { ExpectedAmount = 3000, CardNumber = "4000 0000 0000 0002", ExpMonth = 12, ExpYear = 34, Cvc = "123", Name = "Ada", SavePaymentMethod = true };

        (await backend.PayAsync(view.SessionId, card, default)).ShouldBeOfType<PageOutcome.Declined>().DeclineCode.ShouldBe("generic_decline");
        (await backend.PayAsync(view.SessionId, card with { ExpectedAmount = 1 }, default)).ShouldBeOfType<PageOutcome.Refused>();
        var paid = await backend.PayAsync(view.SessionId, card with { CardNumber = "4242424242424242" }, default);

        paid.ShouldBe(new PageOutcome.Succeeded($"https://shop.example/ok?s={view.SessionId}"));
        (await sandbox.GetAsync($"/v1/customers/{customer["id"]}/payment_methods"))["data.0.card.last4"].ShouldBe("4242");
        backend.Find(view.SessionId)!.Status.ShouldBe("complete");
    }

    [Fact]
    public async Task A_page_names_the_field_that_is_wrong()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var backend = new CheckoutPageBackend(sandbox.Simulator.Engine, new StripeSimulatorOptions());
        var session = await sandbox.SessionAsync(currency: "eur");
        var debit = new PagePayment { ExpectedAmount = 3000, Iban = "DE00 0000", Name = "Ada", Email = "ada@example.com" };

        (await backend.PayAsync(session["id"]!, debit, default)).ShouldBeOfType<PageOutcome.Declined>().Param.ShouldBe("iban");
        (await backend.PayAsync(session["id"]!, debit with { Iban = "DE89370400440532013000" }, default)).ShouldBeOfType<PageOutcome.Processing>();
    }

    [Fact]
    public async Task A_page_takes_a_promotion_code_on_and_off()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var backend = new CheckoutPageBackend(sandbox.Simulator.Engine, new StripeSimulatorOptions());
        await sandbox.PostAsync("/v1/coupons", "id=TEN&percent_off=10");
        await sandbox.PostAsync("/v1/promotion_codes", "promotion[type]=coupon&promotion[coupon]=TEN&code=SAVE10");
        var id = (await sandbox.SessionAsync(more: "allow_promotion_codes=true"))["id"]!;

        (await backend.ApplyPromotionCodeAsync(id, "nope", default)).ShouldBeOfType<PageOutcome.Refused>();
        (await backend.ApplyPromotionCodeAsync(id, "save10", default)).ShouldBeNull();
        (backend.Find(id)!.Total, backend.Find(id)!.DiscountLabel).ShouldBe((2700, "SAVE10"));
        (await backend.RemovePromotionCodeAsync(id, default)).ShouldBeNull();
        backend.Find(id)!.Total.ShouldBe(3000);
    }

    [Fact]
    public async Task A_challenge_ends_at_the_success_url_or_back_on_the_page()
    {
        await using var sandbox = await Sandbox.StartAsync();
        var backend = new CheckoutPageBackend(sandbox.Simulator.Engine, new StripeSimulatorOptions());
        var id = (await sandbox.SessionAsync())["id"]!;
        var card = new PagePayment { ExpectedAmount = 3000, CardNumber = "4000002760003184", ExpMonth = 12, ExpYear = 34, Cvc = "123", Email = "a@example.com" };

        var asked = (await backend.PayAsync(id, card, default)).ShouldBeOfType<PageOutcome.ActionRequired>();
        var challenge = backend.FindChallenge(asked.PaymentIntentId)!;
        (challenge.Amount, challenge.CardLast4, challenge.SessionId).ShouldBe((3000, "3184", id));
        (await backend.AuthenticateAsync(asked.PaymentIntentId, false, default)).ShouldBeOfType<PageOutcome.Declined>().Code.ShouldBe("payment_intent_authentication_failure");
        backend.FindChallenge(asked.PaymentIntentId).ShouldBeNull();
        asked = (await backend.PayAsync(id, card, default)).ShouldBeOfType<PageOutcome.ActionRequired>();
        (await backend.AuthenticateAsync(asked.PaymentIntentId, true, default)).ShouldBe(new PageOutcome.Succeeded($"https://shop.example/ok?s={id}"));
    }
}
