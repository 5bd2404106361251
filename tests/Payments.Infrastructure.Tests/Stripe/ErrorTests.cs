using System.Net;
using System.Text;
using System.Text.Json.Nodes;

using FsCheck;
using FsCheck.Fluent;

using Payments.Application.Payments.Gateway;
using Payments.Infrastructure.Stripe;

using static Payments.Infrastructure.Tests.Stripe.StripeSamples;

namespace Payments.Infrastructure.Tests.Stripe;

public sealed class Stripes_errors
{
    private static readonly string[] Suspicions = ["lost", "stolen", "fraud", "risk", "pick", "restrict", "secur", "black"];

    private static readonly StripeRequest Write = new(HttpMethod.Post, "POST /v1/checkout/sessions", "/v1/checkout/sessions", "", "key");

    public static TheoryData<int, string, string?, string?, GatewayFailureKind> Recorded => new()
    {
        { 400, "invalid_request_error", "parameter_missing", "currency", GatewayFailureKind.OurFault },
        { 400, "invalid_request_error", "parameter_unknown", "bogus", GatewayFailureKind.OurFault },
        { 400, "invalid_request_error", "parameter_unknown", "discounts[0][bogus]", GatewayFailureKind.OurFault },
        { 400, "invalid_request_error", "parameter_invalid_integer", "amount", GatewayFailureKind.OurFault },
        { 400, "invalid_request_error", "amount_too_small", "amount", GatewayFailureKind.OurFault },
        { 400, "invalid_request_error", "url_invalid", "success_url", GatewayFailureKind.OurFault },
        { 400, "invalid_request_error", null, null, GatewayFailureKind.OurFault },
        { 400, "idempotency_error", null, null, GatewayFailureKind.OurFault },
        { 400, "invalid_request_error", "resource_missing", "customer", GatewayFailureKind.NotFound },
        { 400, "invalid_request_error", "resource_missing", null, GatewayFailureKind.NotFound },
        { 404, "invalid_request_error", "resource_missing", "payment_method", GatewayFailureKind.NotFound },
        { 404, "invalid_request_error", null, null, GatewayFailureKind.OurFault },
        { 400, "invalid_request_error", "payment_intent_unexpected_state", null, GatewayFailureKind.Conflict },
        { 400, "invalid_request_error", "charge_already_refunded", null, GatewayFailureKind.Conflict },
        { 400, "invalid_request_error", "charge_disputed", null, GatewayFailureKind.Conflict },
        { 400, "invalid_request_error", null, "discounts[0][promotion_code]", GatewayFailureKind.Conflict },
        { 401, "invalid_request_error", null, null, GatewayFailureKind.OurFault },
        { 403, "invalid_request_error", null, null, GatewayFailureKind.OurFault },
        { 402, "card_error", "card_declined", "", GatewayFailureKind.Declined },
        { 402, "invalid_request_error", null, null, GatewayFailureKind.Declined },
        { 409, "idempotency_error", "idempotency_key_in_use", null, GatewayFailureKind.UnknownOutcome },
        { 409, "invalid_request_error", "lock_timeout", null, GatewayFailureKind.Unavailable },
        { 429, "invalid_request_error", "lock_timeout", null, GatewayFailureKind.Unavailable },
        { 429, "invalid_request_error", "rate_limit", null, GatewayFailureKind.Unavailable },
        { 424, "api_error", null, null, GatewayFailureKind.UnknownOutcome },
        { 500, "api_error", null, null, GatewayFailureKind.UnknownOutcome },
        { 503, "api_error", null, null, GatewayFailureKind.UnknownOutcome },
    };

    [Theory]
    [MemberData(nameof(Recorded))]
    public void are_put_into_our_words(int status, string type, string? code, string? parameter, GatewayFailureKind kind)
    {
        var failure = Failure(status, Error(type, code, "What happened.", parameter).ToJsonString());

        failure.Kind.ShouldBe(kind);
        failure.Code.ShouldBe(code ?? (type == "idempotency_error" ? type : null));
        failure.Parameter.ShouldBe(parameter is "" ? null : parameter);
        failure.Message.ShouldContain("What happened.");
        failure.Message.ShouldContain("req_9");
    }

    [Theory]
    [InlineData(400, "", GatewayFailureKind.OurFault)]
    [InlineData(400, "<html>", GatewayFailureKind.OurFault)]
    [InlineData(401, "{\"error\":\"invalid_grant\",\"error_description\":\"x\"}", GatewayFailureKind.OurFault)]
    [InlineData(400, "{\"error\":{\"type\":7}}", GatewayFailureKind.OurFault)]
    [InlineData(402, "<html>", GatewayFailureKind.OurFault)]
    [InlineData(404, "Not Found", GatewayFailureKind.OurFault)]
    [InlineData(407, "", GatewayFailureKind.OurFault)]
    [InlineData(408, "", GatewayFailureKind.UnknownOutcome)]
    [InlineData(302, "", GatewayFailureKind.UnknownOutcome)]
    [InlineData(204, "", GatewayFailureKind.UnknownOutcome)]
    [InlineData(502, "null", GatewayFailureKind.UnknownOutcome)]
    [InlineData(503, "{\"error\":null}", GatewayFailureKind.UnknownOutcome)]
    [InlineData(429, "slow down", GatewayFailureKind.Unavailable)]
    public void are_read_by_their_status_alone_when_the_body_is_none_of_stripes(int status, string body, GatewayFailureKind kind) =>
        Failure(status, body).Kind.ShouldBe(kind);

    [Fact]
    public void about_a_state_have_no_code_when_a_session_is_expired()
    {
        var body = Error("invalid_request_error", null, "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `complete`.").ToJsonString();

        Failure(400, body, Write with { ConflictsWithoutCode = true }).Kind.ShouldBe(GatewayFailureKind.Conflict);
        Failure(400, Error("invalid_request_error", "parameter_unknown", "x", "bogus").ToJsonString(), Write with { ConflictsWithoutCode = true }).Kind.ShouldBe(GatewayFailureKind.OurFault);
    }

    [Theory]
    [InlineData("insufficient_funds", "card_declined", "There are insufficient funds for this payment.")]
    [InlineData(null, "expired_card", "Your card has expired.")]
    [InlineData(null, "incorrect_cvc", "Your card's security code is incorrect.")]
    [InlineData(null, "payment_method_customer_decline", "Your bank did not accept the debit. Please use another payment method, or ask your bank.")]
    [InlineData("lost_card", "card_declined", StripeDeclines.Generic)]
    [InlineData("stolen_card", "card_declined", StripeDeclines.Generic)]
    [InlineData("fraudulent", "card_declined", StripeDeclines.Generic)]
    [InlineData("something_new", "card_declined", StripeDeclines.Generic)]
    [InlineData(null, null, StripeDeclines.Generic)]
    public void of_a_bank_are_told_to_the_buyer_in_safe_words(string? declineCode, string? code, string said) =>
        StripeDeclines.Of(declineCode, code).SafeMessage.ShouldBe(said);

    [Fact]
    public void never_tell_a_buyer_what_the_issuer_suspects() => Prop
        .ForAll(Gen.Elements("lost_card", "stolen_card", "fraudulent", "pickup_card", "restricted_card", "security_violation", "merchant_blacklist", "highest_risk_level").ToArbitrary(), reason =>
        {
            var said = Failure(402, Declined(reason).ToJsonString()).SafeMessage!;
            return Suspicions.All(word => !said.Contains(word, StringComparison.OrdinalIgnoreCase));
        })
        .QuickCheckThrowOnFailure();

    [Fact]
    public void stay_readable_whatever_comes_back() => Prop
        .ForAll<string, PositiveInt>((body, status) => Failure(100 + (status.Get % 500), body ?? "").Message.Length < 2000)
        .QuickCheckThrowOnFailure();

    private static GatewayFailure Failure(int status, string body, StripeRequest? request = null)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return StripeErrors.Of(request ?? Write, new StripeAnswer((HttpStatusCode)status, bytes, "req_9", false, null, null, StripeErrors.Read(bytes)), doubtful: false);
    }
}
