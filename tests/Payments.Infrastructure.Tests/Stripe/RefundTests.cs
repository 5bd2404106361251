using Payments.Application.Payments.Gateway;
using Payments.Domain.Payments.Refunds;
using Payments.Domain.Shared;
using Payments.Infrastructure.Stripe;
using Payments.Tests.Shared;

using static Payments.Infrastructure.Tests.Stripe.ScriptedStripe;

namespace Payments.Infrastructure.Tests.Stripe;

public sealed class Refunding_at_the_provider
{
    private static readonly RefundId Ours = new(new Guid(StripeSamples.OurRefund));
    private static readonly PaymentId Payment = new(new Guid(StripeSamples.OurPayment));
    private static readonly UserId User = new(new Guid(StripeSamples.OurUser));

    private static readonly RefundState Known = new("re_1", Ours, Payment, "pi_1", "ch_1", RefundStatus.Succeeded, new Money(500, Currency.Of("usd")), RefundReason.Duplicate, null, DateTimeOffset.FromUnixTimeSeconds(1785283300));

    [Theory]
    [InlineData("pi_1", "payment_intent=pi_1")]
    [InlineData("ch_1", "charge=ch_1")]
    public void Says_what_is_given_back_how_much_why_and_whose_it_is(string source, string said)
    {
        var call = new StripeRefunds(null!).PrepareRefund(new NewRefund(Ours, Payment, User, source, new Money(500, Currency.Of("usd")), RefundReason.Duplicate));

        call.Operation.ShouldBe("POST /v1/refunds");
        call.Body.ShouldBe($"{said}&amount=500&reason=duplicate&metadata[refund_id]={Ours}&metadata[payment_id]={Payment}&metadata[user_id]={User}");
    }

    [Fact]
    public async Task Sends_only_what_the_provider_knows_in_every_call_it_has()
    {
        await using var stripe = await StartAsync(context => Answers(200, context.Request.Path.Value switch
        {
            "/v1/refunds" when context.Request.Method == "GET" => StripeSamples.Page(false, StripeSamples.Refund()),
            var path when path!.StartsWith("/v1/disputes/", StringComparison.Ordinal) => StripeSamples.Dispute(),
            _ => StripeSamples.Refund(),
        })(context));
        using var under = new GatewayUnderTest(stripe.Address);
        foreach (var source in new[] { "pi_1", "ch_1" })
        {
            foreach (var reason in Enum.GetValues<RefundReason>())
            {
                var call = under.Refunds.PrepareRefund(new NewRefund(Ours, Payment, User, source, new Money(500, Currency.Of("usd")), reason));
                (await under.Refunds.CreateRefundAsync(call, "key-1", default)).ShouldBe(Known);
            }

            (await under.Refunds.FindRefundAsync(source, Ours, default))!.GatewayId.ShouldBe("re_1");
        }

        (await under.Refunds.GetRefundAsync("re_1", default)).ShouldBe(Known);
        (await under.Disputes.GetDisputeAsync("dp_1", default)).GatewayId.ShouldBe("dp_1");

        stripe.Seen.Count.ShouldBe(12);
        var schema = StripeSchema.Load();
        foreach (var request in stripe.Seen)
        {
            schema.RequestErrors(request.Method, request.PathAndQuery, request.Body).ShouldBeEmpty($"{request.Method} {request.PathAndQuery} {request.Body}");
            request.Headers.ContainsKey("Idempotency-Key").ShouldBe(request.Method == "POST");
        }
    }

    [Fact]
    public void Gives_no_reason_where_the_provider_has_no_word_for_it() =>
        new StripeRefunds(null!).PrepareRefund(new NewRefund(Ours, Payment, User, "pi_1", new Money(500, Currency.Of("usd")), RefundReason.Other)).Body.ShouldNotContain("reason");

    [Fact]
    public void Reads_a_refund_in_our_words() =>
        StripeStates.Refund(System.Text.Json.JsonSerializer.Deserialize(StripeSamples.Refund(), StripeJson.Default.WireRefund)!, strict: true).ShouldBe(Known);

    [Theory]
    [InlineData("pending", RefundStatus.Pending)]
    [InlineData("requires_action", RefundStatus.Pending)]
    [InlineData("failed", RefundStatus.Failed)]
    [InlineData("canceled", RefundStatus.Canceled)]
    public void Reads_every_status(string word, RefundStatus status) =>
        StripeStates.Refund(System.Text.Json.JsonSerializer.Deserialize(StripeSamples.Refund($$"""{ "status": "{{word}}" }"""), StripeJson.Default.WireRefund)!, strict: true).Status.ShouldBe(status);
}
