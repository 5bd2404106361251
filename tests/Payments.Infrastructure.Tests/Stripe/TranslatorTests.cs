using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

using FsCheck;
using FsCheck.Fluent;

using Payments.Application.Payments.Gateway;
using Payments.Application.Payments.Webhooks;
using Payments.Domain.Shared;
using Payments.Infrastructure.Stripe;

using static Payments.Infrastructure.Tests.Stripe.StripeSamples;

namespace Payments.Infrastructure.Tests.Stripe;

public sealed class Translating_an_event
{
    private static readonly StripeEventTranslator Translator = new();
    private static readonly PaymentId Payment = new(Guid.Parse(OurPayment));

    [Theory]
    [InlineData("checkout.session.completed", "complete", "paid", CheckoutStatus.Complete, CheckoutPaymentStatus.Paid)]
    [InlineData("checkout.session.completed", "complete", "unpaid", CheckoutStatus.Complete, CheckoutPaymentStatus.Unpaid)]
    [InlineData("checkout.session.completed", "complete", "no_payment_required", CheckoutStatus.Complete, CheckoutPaymentStatus.NothingDue)]
    [InlineData("checkout.session.async_payment_succeeded", "complete", "paid", CheckoutStatus.Complete, CheckoutPaymentStatus.Paid)]
    [InlineData("checkout.session.async_payment_failed", "complete", "unpaid", CheckoutStatus.Complete, CheckoutPaymentStatus.Unpaid)]
    [InlineData("checkout.session.expired", "expired", "unpaid", CheckoutStatus.Expired, CheckoutPaymentStatus.Unpaid)]
    public void of_a_session_gives_the_sessions_state(string type, string status, string paymentStatus, CheckoutStatus expected, CheckoutPaymentStatus paid)
    {
        var state = Translate(type, Session($$"""{ "status": "{{status}}", "payment_status": "{{paymentStatus}}" }""")).ShouldBeOfType<CheckoutChanged>().State;

        (state.SessionId, state.PaymentId, state.Status, state.PaymentStatus, state.IntentId).ShouldBe(("cs_test_1", Payment, expected, paid, "pi_1"));
        (state.Subtotal, state.Total, state.Discount, state.Tax).ShouldBe((new Money(2000, Currency.Of("usd")), new Money(1999, Currency.Of("usd")), new Money(101, Currency.Of("usd")), new Money(100, Currency.Of("usd"))));
    }

    [Theory]
    [InlineData("payment_intent.created", "requires_payment_method", IntentStatus.RequiresPaymentMethod)]
    [InlineData("payment_intent.requires_action", "requires_action", IntentStatus.RequiresAction)]
    [InlineData("payment_intent.processing", "processing", IntentStatus.Processing)]
    [InlineData("payment_intent.amount_capturable_updated", "requires_capture", IntentStatus.RequiresCapture)]
    [InlineData("payment_intent.succeeded", "succeeded", IntentStatus.Succeeded)]
    [InlineData("payment_intent.canceled", "canceled", IntentStatus.Canceled)]
    [InlineData("payment_intent.something_new", "requires_confirmation", IntentStatus.RequiresConfirmation)]
    public void of_an_intent_gives_the_intents_state(string type, string status, IntentStatus expected)
    {
        var state = Translate(type, Intent($$"""{ "status": "{{status}}" }""")).ShouldBeOfType<IntentChanged>().State;

        (state.IntentId, state.PaymentId, state.Status, state.ChargeId, state.LastFailure).ShouldBe(("pi_1", Payment, expected, "ch_1", null));
    }

    [Fact]
    public void of_a_failed_challenge_gives_a_failure_without_a_charge()
    {
        var state = Translate("payment_intent.payment_failed", Intent("""
            {
              "status": "requires_payment_method", "latest_charge": null,
              "last_payment_error": {
                "type": "invalid_request_error", "code": "payment_intent_authentication_failure", "message": "The provided PaymentMethod has failed authentication.",
                "payment_method": { "id": "pm_1", "type": "card", "card": { "brand": "visa", "last4": "3220" } }
              }
            }
            """)).ShouldBeOfType<IntentChanged>().State;

        state.LastFailure!.Decline.Code.ShouldBe("payment_intent_authentication_failure");
        (state.LastFailure.ChargeId, state.LastFailure.CardLast4, state.Charge).ShouldBe((null, "3220", null));
    }

    [Theory]
    [InlineData("charge.succeeded", "succeeded", ChargeOutcome.Succeeded)]
    [InlineData("charge.updated", "succeeded", ChargeOutcome.Succeeded)]
    [InlineData("charge.captured", "succeeded", ChargeOutcome.Succeeded)]
    [InlineData("charge.refunded", "succeeded", ChargeOutcome.Succeeded)]
    [InlineData("charge.pending", "pending", ChargeOutcome.Pending)]
    public void of_a_charge_gives_the_charges_state(string type, string status, ChargeOutcome expected)
    {
        var state = Translate(type, Charge($$"""{ "status": "{{status}}" }""")).ShouldBeOfType<ChargeChanged>().State;

        (state.ChargeId, state.PaymentId, state.IntentId, state.Outcome, state.CardBrand, state.CardLast4, state.Decline).ShouldBe(("ch_1", Payment, "pi_1", expected, "visa", "4242", null));
    }

    [Theory]
    [InlineData("card_declined", "insufficient_funds", "insufficient_funds")]
    [InlineData("card_declined", null, "card_declined")]
    [InlineData("expired_card", "expired_card", "expired_card")]
    [InlineData("incorrect_cvc", "something", "incorrect_cvc")]
    public void of_a_failed_charge_gives_the_issuers_reason(string code, string? reason, string expected)
    {
        var outcome = reason is null ? "null" : $$"""{ "type": "issuer_declined", "reason": "{{reason}}", "network_status": "declined_by_network" }""";
        var state = Translate("charge.failed", Charge($$"""{ "status": "failed", "failure_code": "{{code}}", "outcome": {{outcome}} }""")).ShouldBeOfType<ChargeChanged>().State;

        state.Outcome.ShouldBe(ChargeOutcome.Failed);
        state.Decline!.Code.ShouldBe(expected);
    }

    [Fact]
    public void of_a_customer_gives_the_customer()
    {
        Translate("customer.updated", Customer()).ShouldBe(new CustomerChanged(new CustomerState("cus_1", new UserId(Guid.Parse(OurUser)), "ada@example.com", "Ada", false)));
        Translate("customer.created", Customer("""{ "email": null, "name": null, "metadata": { "user_id": "someone" } }"""), apiVersion: "2019-05-16").ShouldBe(new CustomerChanged(new CustomerState("cus_1", null, null, null, false)));
        Translate("customer.deleted", Customer()).ShouldBeOfType<CustomerChanged>().State.Deleted.ShouldBeTrue();
    }

    [Theory]
    [InlineData("2025-03-31.basil", true)]
    [InlineData("2025-10-29.clover", true)]
    [InlineData("2026-03-25.dahlia", true)]
    [InlineData("2026-08-26.dahlia", true)]
    [InlineData("2024-10-28.acacia", false)]
    [InlineData("2022-11-15", false)]
    [InlineData("2026-10-28.endive", false)]
    [InlineData("2026-07-29.preview", false)]
    [InlineData("dahlias", false)]
    [InlineData(null, false)]
    public void reads_only_the_shapes_it_knows(string? apiVersion, bool known)
    {
        var facts = new[]
        {
            (Translate("checkout.session.completed", Session(), apiVersion), RefetchKind.Checkout, "cs_test_1"),
            (Translate("payment_intent.succeeded", Intent(), apiVersion), RefetchKind.Intent, "pi_1"),
            (Translate("charge.succeeded", Charge(), apiVersion), RefetchKind.Charge, "ch_1"),
        };

        foreach (var (fact, kind, id) in facts)
        {
            if (known)
            {
                fact.ShouldNotBeOfType<NeedsRefetch>();
            }
            else
            {
                // A foreign charge is found by its intent.
                fact.ShouldBe(new NeedsRefetch(kind, id, Payment, kind == RefetchKind.Charge ? "pi_1" : null));
            }
        }
    }

    [Theory]
    [InlineData("""{ "status": "half_open" }""")]
    [InlineData("""{ "status": null }""")]
    [InlineData("""{ "payment_status": "partially_paid" }""")]
    [InlineData("""{ "payment_status": 7 }""")]
    [InlineData("""{ "amount_subtotal": "2000" }""")]
    [InlineData("""{ "amount_subtotal": 20.5 }""")]
    [InlineData("""{ "currency": "dollars" }""")]
    [InlineData("""{ "expires_at": null }""")]
    [InlineData("""{ "created": 999999999999999 }""")]
    [InlineData("""{ "payment_intent": 5 }""")]
    [InlineData("""{ "payment_intent": { "no": "id" } }""")]
    public void asks_again_for_what_does_not_fit(string changes) =>
        Translate("checkout.session.completed", Session(changes)).ShouldBe(new NeedsRefetch(RefetchKind.Checkout, "cs_test_1", Payment));

    [Fact]
    public void asks_again_even_when_our_own_id_cannot_be_read() =>
        Translate("checkout.session.completed", Session("""{ "metadata": "none" }""")).ShouldBe(new NeedsRefetch(RefetchKind.Checkout, "cs_test_1", null));

    [Fact]
    public void asks_again_for_an_object_in_which_a_field_occurs_twice()
    {
        var twice = Encoding.UTF8.GetString(Event("checkout.session.completed", Session())).Replace("\"payment_status\": \"paid\"", "\"payment_status\": \"unpaid\", \"payment_status\": \"paid\"", StringComparison.Ordinal);

        Translator.Translate(Encoding.UTF8.GetBytes(twice)).ShouldBeOfType<NeedsRefetch>();
    }

    [Theory]
    [InlineData("product.created", "product")]
    [InlineData("checkout.session.teleported", "checkout.session")]
    [InlineData("subscription_schedule.created", "subscription_schedule")]
    [InlineData("customer.source.created", "card")]
    [InlineData("moon.landed", "moon")]
    public void leaves_alone_what_nothing_here_acts_on(string type, string item) =>
        Translate(type, new JsonObject { ["id"] = "x_1", ["object"] = item }).ShouldBe(new Unhandled(type));

    [Fact]
    public void leaves_a_thin_event_alone() => Translator
        .Translate("""{ "id": "evt_1", "object": "v2.core.event", "type": "v2.core.account.updated", "created": "2026-07-29T00:00:00Z", "related_object": { "id": "acct_1" } }"""u8.ToArray())
        .ShouldBe(new Unhandled("v2.core.account.updated"));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{ \"id\": \"evt_1\", \"created\": 1, \"type\": \"checkout.session.completed\" }")]
    [InlineData("{ \"id\": \"evt_1\", \"created\": 1, \"type\": \"checkout.session.completed\", \"data\": { \"object\": { \"id\": 5 } } }")]
    [InlineData("{ \"id\": \"evt_1\", \"created\": 1, \"type\": \"customer.updated\", \"data\": { \"object\": { \"id\": \"cus_1\", \"email\": 5 } } }")]
    [InlineData("{ \"id\": \"evt_1\", \"created\": 1, \"type\": \"customer.updated\", \"data\": {} }")]
    public void refuses_what_names_no_object(string body) =>
        Should.Throw<JsonException>(() => Translator.Translate(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void ends_in_a_fact_or_a_refusal_for_any_damage_to_an_event()
    {
        foreach (var whole in new[] { Event("checkout.session.completed", Session()), Event("payment_intent.payment_failed", Intent("""{ "last_payment_error": { "type": "card_error", "payment_method": { "id": "pm_1" } } }""")), Event("charge.failed", Charge("""{ "status": "failed" }""")) })
        {
            Prop.ForAll(
                    Gen.Choose(0, whole.Length - 1).ToArbitrary(),
                    Gen.Choose(0, 255).ToArbitrary(),
                    (at, value) =>
                    {
                        var damaged = (byte[])whole.Clone();
                        damaged[at] = (byte)value;
                        return Survives(damaged) && Survives([.. whole[..at], .. whole[(at + 1)..]]);
                    })
                .Check(Config.QuickThrowOnFailure.WithMaxTest(500));
        }

        static bool Survives(byte[] payload)
        {
            try
            {
                return Translator.Translate(payload) is not null;
            }
            catch (JsonException)
            {
                return true;
            }
        }
    }

    private static WebhookFact Translate(string type, JsonObject item, string? apiVersion = Dahlia) => Translator.Translate(Event(type, item, apiVersion));
}
