using System.Text;
using System.Text.Json.Nodes;

using FsCheck;
using FsCheck.Fluent;

using Payments.Application.Payments.Webhooks;
using Payments.Infrastructure.Stripe;

namespace Payments.Infrastructure.Tests.Stripe;

public sealed class Verifying_a_delivery
{
    private const string Secret = "whsec_test_secret";
    private const long At = 1785283204;

    private readonly StripeWebhookVerifier verifier = new(new StripeOptions { SecretKey = GatewayUnderTest.SecretKey, WebhookSecrets = ["whsec_other_secret", Secret] });

    [Fact]
    public void reads_all_that_the_inbox_needs()
    {
        var header = Accepted(StripeSamples.Event("checkout.session.completed", StripeSamples.Session()));

        header.ShouldBe(new WebhookHeader(
            "evt_1", "checkout.session.completed", DateTimeOffset.FromUnixTimeSeconds(1785283203), StripeSamples.Dahlia, false, null, "cs_test_1", "pi_1"));
    }

    [Theory]
    [InlineData("""{ "id": "ch_1", "object": "charge", "payment_intent": "pi_1" }""", "ch_1", "pi_1")]
    [InlineData("""{ "id": "ch_1", "object": "charge", "payment_intent": { "id": "pi_1", "metadata": { "id": "x" } } }""", "ch_1", "pi_1")]
    [InlineData("""{ "id": "ch_1", "object": "charge", "payment_intent": null }""", "ch_1", null)]
    [InlineData("""{ "id": "re_1", "object": "refund", "payment_intent": "pi_1", "charge": "ch_1" }""", "re_1", "pi_1")]
    [InlineData("""{ "id": "pi_1", "object": "payment_intent" }""", "pi_1", null)]
    [InlineData("""{ "id": "in_1", "object": "invoice", "subscription": "sub_1", "payment_intent": "pi_1" }""", "in_1", "sub_1")]
    [InlineData("""{ "parent": { "type": "x", "subscription_details": { "metadata": {}, "subscription": "sub_1" } }, "id": "in_1", "object": "invoice" }""", "in_1", "sub_1")]
    [InlineData("""{ "parent": { "subscription_details": { "subscription": { "id": "sub_1" } } }, "id": "in_1", "object": "invoice" }""", "in_1", "sub_1")]
    [InlineData("""{ "parent": { "subscription_details": null }, "id": "in_1", "object": "invoice" }""", "in_1", null)]
    [InlineData("""{ "parent": null, "object": "invoice" }""", null, null)]
    [InlineData("""{ "id": 5, "object": ["x"], "payment_intent": [1, { "a": 2 }], "parent": "p", "subscription": 7 }""", null, null)]
    public void finds_what_ties_the_object_to_a_payment(string item, string? objectId, string? relatedId)
    {
        var header = Accepted($$"""{ "id": "evt_1", "type": "x.y", "created": 1, "data": { "object": {{item}}, "previous_attributes": { "id": "no" } } }""");

        (header.ObjectId, header.RelatedId).ShouldBe((objectId, relatedId));
    }

    [Fact]
    public void accepts_a_thin_event()
    {
        var header = Accepted("""
            {
              "id": "evt_test_65R", "object": "v2.core.event", "type": "v1.billing.meter.error_report_triggered", "livemode": false,
              "created": "2026-07-29T00:00:00.250Z", "reason": null,
              "related_object": { "id": "mtr_123", "type": "billing.meter", "url": "/v1/billing/meters/mtr_123" }
            }
            """);

        (header.Created, header.ObjectId, header.ApiVersion).ShouldBe((new DateTimeOffset(2026, 7, 29, 0, 0, 0, 250, TimeSpan.Zero), "mtr_123", null));
    }

    [Fact]
    public void accepts_a_type_and_a_version_that_nobody_knows_yet() =>
        Accepted("""{ "id": "evt_1", "type": "moon.landed", "created": 1785283203, "api_version": "2031-01-01.zinnia", "livemode": true, "account": "acct_9" }""")
            .ShouldBe(new WebhookHeader("evt_1", "moon.landed", DateTimeOffset.FromUnixTimeSeconds(1785283203), "2031-01-01.zinnia", true, "acct_9", null, null));

    [Fact]
    public void checks_the_signature_before_it_reads_anything()
    {
        var verdict = verifier.Verify("no json"u8, "t=1,v1=x", DateTimeOffset.FromUnixTimeSeconds(At));

        (verdict.Header, verdict.RefusalCode).ShouldBe((null, "webhook.signature_invalid"));
    }

    [Fact]
    public void names_each_reason_of_refusal()
    {
        var body = StripeSamples.Event("charge.succeeded", StripeSamples.Charge());
        var header = Checking_a_signature.Sign(Secret, At, body);

        verifier.Verify(body, null, DateTimeOffset.FromUnixTimeSeconds(At)).RefusalCode.ShouldBe("webhook.signature_missing");
        verifier.Verify(body, header + "0", DateTimeOffset.FromUnixTimeSeconds(At)).RefusalCode.ShouldBe("webhook.signature_invalid");
        verifier.Verify(body, header, DateTimeOffset.FromUnixTimeSeconds(At + 301)).RefusalCode.ShouldBe("webhook.timestamp_out_of_tolerance");
        verifier.Verify(body, header, DateTimeOffset.FromUnixTimeSeconds(At)).RefusalCode.ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"evt_1\"")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 1")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 1 } {}")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 1, }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 1 } // comment")]
    [InlineData("\uFEFF{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 1 }")]
    [InlineData("{ \"type\": \"x\", \"created\": 1 }")]
    [InlineData("{ \"id\": \"evt_1\", \"created\": 1 }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\" }")]
    [InlineData("{ \"id\": null, \"type\": \"x\", \"created\": 1 }")]
    [InlineData("{ \"id\": 7, \"type\": \"x\", \"created\": 1 }")]
    [InlineData("{ \"id\": \"\", \"type\": \"x\", \"created\": 1 }")]
    [InlineData("{ \"id\": \"evt\\u0000_1\", \"type\": \"x\", \"created\": 1 }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"\\u0000\", \"created\": 1 }")]
    [InlineData("{ \"id\": \"evt_\\ud800\", \"type\": \"x\", \"created\": 1 }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": [\"x\"], \"created\": 1 }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": null }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": -1 }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 1.5 }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 253402300800 }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 99999999999999999999999999 }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": \"yesterday\" }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": {} }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 1, \"livemode\": \"false\" }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 1, \"data\": 5 }")]
    [InlineData("{ \"id\": \"evt_1\", \"id\": \"evt_2\", \"type\": \"x\", \"created\": 1 }")]
    [InlineData("{ \"id\": \"evt_1\", \"\\u0069d\": \"evt_2\", \"type\": \"x\", \"created\": 1 }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"type\": \"y\", \"created\": 1 }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 1, \"data\": {}, \"data\": {} }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 1, \"data\": { \"object\": {}, \"object\": {} } }")]
    [InlineData("{ \"id\": \"evt_1\", \"type\": \"x\", \"created\": 1, \"data\": { \"object\": { \"id\": \"a\", \"id\": \"b\" } } }")]
    public void refuses_what_is_no_event_however_well_it_is_signed(string body) => Refused(Encoding.UTF8.GetBytes(body));

    [Fact]
    public void refuses_ids_and_types_of_more_than_255_characters()
    {
        Accepted($$"""{ "id": "{{new string('i', 255)}}", "type": "{{new string('t', 255)}}", "created": 1 }""");
        Refused(Encoding.UTF8.GetBytes($$"""{ "id": "{{new string('i', 256)}}", "type": "x", "created": 1 }"""));
        Refused(Encoding.UTF8.GetBytes($$"""{ "id": "evt_1", "type": "{{new string('t', 256)}}", "created": 1 }"""));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("\"a\\u0000b\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData(null)]
    public void stores_an_event_whose_other_texts_are_none_without_them(string? odd)
    {
        odd ??= $"\"{new string('o', 900_000)}\"";
        var header = Accepted($$"""{ "id": "evt_1", "type": "x", "created": 1, "api_version": {{odd}}, "data": { "object": { "id": {{odd}}, "payment_intent": {{odd}} } } }""");

        (header.ApiVersion, header.ObjectId, header.RelatedId).ShouldBe((null, null, null));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("{}")]
    public void takes_an_account_that_cannot_be_read_for_nobodys(string odd) =>
        Accepted($$"""{ "id": "evt_1", "type": "x", "created": 1, "account": {{odd}} }""").Account.ShouldBe("?");

    [Fact]
    public void reads_an_event_that_is_nested_deeper_than_any_is() =>
        Accepted($$"""{ "id": "evt_1", "type": "x", "created": 1, "data": { "object": { "id": "a", "deep": {{new string('[', 900)}}{{new string(']', 900)}} } } }""").ObjectId.ShouldBe("a");

    [Fact]
    public void refuses_nesting_that_would_exhaust_a_reader()
    {
        foreach (var (open, close) in new[] { ("{\"a\":", "}"), ("[", "]") })
        {
            var nested = string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000));
            Refused(Encoding.UTF8.GetBytes($$"""{ "id": "evt_1", "type": "x", "created": 1, "data": { "object": {{nested}} } }"""));
        }
    }

    [Fact]
    public void refuses_bytes_that_are_no_utf8_in_what_is_read() =>
        Refused([.. "{ \"id\": \"evt_"u8, 0xC3, 0x28, .. "\", \"type\": \"x\", \"created\": 1 }"u8]);

    [Fact]
    public void ends_in_an_event_or_a_refusal_for_any_bytes() => Prop
        .ForAll<byte[]>(Survives)
        .QuickCheckThrowOnFailure();

    [Fact]
    public void ends_in_an_event_or_a_refusal_for_any_damage_to_an_event()
    {
        var whole = StripeSamples.Event("checkout.session.completed", StripeSamples.Session());
        Prop.ForAll(
                Gen.Choose(0, whole.Length - 1).ToArbitrary(),
                Gen.Choose(0, 255).ToArbitrary(),
                (at, value) =>
                {
                    var damaged = (byte[])whole.Clone();
                    damaged[at] = (byte)value;
                    return Survives(damaged) && Survives(whole[..at]) && Survives([.. whole[..at], .. whole[(at + 1)..]]);
                })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(500));
    }

    [Fact]
    public void reads_every_field_back_that_was_written() => Prop
        .ForAll<NonEmptyString, NonEmptyString, PositiveInt>((id, type, created) =>
        {
            var json = new JsonObject { ["id"] = id.Get, ["type"] = type.Get, ["created"] = created.Get };
            var body = Encoding.UTF8.GetBytes(json.ToJsonString());
            var verdict = Verify(body);

            // What the test's own JSON writer had to replace (half a surrogate pair) or what is refused (NUL) aside.
            return verdict.Header is null
                ? id.Get.Contains('\0', StringComparison.Ordinal) || type.Get.Contains('\0', StringComparison.Ordinal)
                : verdict.Header.Created.ToUnixTimeSeconds() == created.Get && verdict.Header.Id.Length == id.Get.Length && verdict.Header.Type.Length == type.Get.Length;
        })
        .QuickCheckThrowOnFailure();

    private bool Survives(byte[] body)
    {
        var verdict = Verify(body);
        return verdict is { Header: not null, RefusalCode: null } or { Header: null, RefusalCode: "webhook.malformed" };
    }

    private WebhookVerdict Verify(byte[] body) => verifier.Verify(body, Checking_a_signature.Sign(Secret, At, body), DateTimeOffset.FromUnixTimeSeconds(At));

    private WebhookHeader Accepted(string body) => Accepted(Encoding.UTF8.GetBytes(body));

    private WebhookHeader Accepted(byte[] body)
    {
        var verdict = Verify(body);
        verdict.RefusalCode.ShouldBeNull();
        return verdict.Header.ShouldNotBeNull();
    }

    private void Refused(byte[] body)
    {
        var verdict = Verify(body);
        (verdict.Header, verdict.RefusalCode).ShouldBe((null, "webhook.malformed"));
    }
}
