using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Subscriptions;
using Payments.Domain.Shared;
using Payments.Tests.Shared;

using static Payments.Infrastructure.Tests.Stripe.ScriptedStripe;

namespace Payments.Infrastructure.Tests.Stripe;

/// <summary>What is asked of Stripe about subscriptions, judged by Stripe's own description.</summary>
public sealed class The_subscription_gateway
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly NewSubscription New = new(
        new PaymentId(new Guid(StripeSamples.OurPayment)), new UserId(new Guid(StripeSamples.OurUser)), new PlanId(new Guid(StripeSamples.OurPlan)), "cus_1", "price_1", 3, 14, "pm_1");

    /// <summary>The requests are what is judged here, so nothing of them is there; answers are read by the simulator's tests.</summary>
    [Fact]
    public async Task sends_only_what_stripe_knows_in_every_call_it_has()
    {
        await using var stripe = await StartAsync(Answers(404, StripeSamples.Error("invalid_request_error", "resource_missing", "No such thing", "id")));
        using var under = new GatewayUnderTest(stripe.Address);
        var gateway = under.Subscriptions;
        List<Func<Task>> calls =
        [
            () => gateway.OpenSubscriptionAsync(gateway.PrepareSubscription(New), "key-1", None),
            () => gateway.OpenSubscriptionAsync(gateway.PrepareSubscription(New with { TrialDays = 0, PaymentMethodId = null }), "key-1", None),
            () => gateway.FindSubscriptionAsync("cus_1", New.PaymentId, None),
            () => gateway.GetSubscriptionAsync("sub_1", None),
            () => gateway.GetInvoicesAsync("sub_1", None),
            () => gateway.GetInvoiceAsync("in_1", None),
            () => gateway.GetTaxRateAsync("txr_1", None),
            () => gateway.FindInvoiceOfAsync("pi_1", None),
            () => gateway.CancelAsync("sub_1", "key-1", None),
            () => gateway.VoidInvoiceAsync("in_1", "key-1", None),
            () => gateway.ChargeToAsync("sub_1", "pm_1", "key-1", None),
            () => gateway.KeepAsync("sub_1", "key-1", None),
            () => gateway.ResumeAsync("sub_1", "key-1", None),
            () => gateway.CancelAtPeriodEndAsync("sub_1", true, "key-1", None),
            () => gateway.CancelAtPeriodEndAsync("sub_1", false, "key-1", None),
            () => gateway.PauseCollectionAsync("sub_1", null, null, "key-1", None),
            .. Enum.GetValues<CollectionPause>().Select(pause => (Func<Task>)(() => gateway.PauseCollectionAsync("sub_1", pause, DateTimeOffset.UnixEpoch.AddYears(60), "key-1", None))),
            .. Enum.GetValues<Proration>().SelectMany(proration => new string?[] { null, "price_2" }.Select(price => new SubscriptionChange("si_1", price, 2, proration, DateTimeOffset.UnixEpoch.AddYears(56))))
                .SelectMany(change => new Func<Task>[] { () => gateway.ChangeAsync("sub_1", change, "key-1", None), () => gateway.PreviewAsync("sub_1", change, None) }),
        ];

        foreach (var call in calls)
        {
            (await Should.ThrowAsync<GatewayFailure>(call)).Kind.ShouldBe(GatewayFailureKind.NotFound);
        }

        stripe.Seen.Count.ShouldBeGreaterThanOrEqualTo(calls.Count);
        var schema = StripeSchema.Load();
        foreach (var request in stripe.Seen)
        {
            if (request.PathAndQuery == "/v1/tax_rates/txr_1")
            {
                // The part of Stripe's description that is kept here has no tax rates: a plain read of one object by its id.
                (request.Method, request.Body).ShouldBe(("GET", ""));
                continue;
            }

            schema.RequestErrors(request.Method, request.PathAndQuery, request.Body).ShouldBeEmpty($"{request.Method} {request.PathAndQuery} {request.Body}");
            request.Headers.ContainsKey("Idempotency-Key").ShouldBe(request.Method == "POST");
        }
    }

    [Fact]
    public void knows_the_price_that_a_prepared_call_asks_for_and_can_ask_for_another()
    {
        using var under = new GatewayUnderTest(Nobody());
        var call = under.Subscriptions.PrepareSubscription(New);

        under.Plans.PriceOf(call).ShouldBe("price_1");
        var other = under.Plans.Reprice(call, "price_2");
        other.ShouldBe(under.Subscriptions.PrepareSubscription(New with { PriceId = "price_2" }));
        Should.Throw<ArgumentException>(() => under.Plans.PriceOf(new PreparedCall("POST /v1/refunds", "amount=5")));
    }
}
