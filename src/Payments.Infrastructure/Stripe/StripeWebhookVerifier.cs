using System.Text.Json;

using Payments.Application.Payments.Webhooks;

namespace Payments.Infrastructure.Stripe;

/// <summary>Nothing of a delivery is parsed before its signature holds.</summary>
internal sealed class StripeWebhookVerifier(StripeOptions options) : IWebhookVerifier
{
    private readonly StripeSignature signature = new(options.WebhookSecrets, options.WebhookTolerance);

    public WebhookVerdict Verify(ReadOnlySpan<byte> body, string? signatureHeader, DateTimeOffset now) => signature.Check(body, signatureHeader, now) switch
    {
        SignatureVerdict.Valid => Read(body),
        SignatureVerdict.Missing => new WebhookVerdict(null, "webhook.signature_missing", "The Stripe-Signature header is missing."),
        SignatureVerdict.OutOfTolerance => new WebhookVerdict(null, "webhook.timestamp_out_of_tolerance", "The signature is too old, or from the future."),
        _ => new WebhookVerdict(null, "webhook.signature_invalid", "No signature of a known secret matches the body."),
    };

    private static WebhookVerdict Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var header = StripeEventReader.Read(body);
            return new WebhookVerdict(
                new WebhookHeader(header.Id, header.Type, header.Created, header.ApiVersion, header.Livemode, header.Account, header.ObjectId, header.RelatedId),
                null,
                null);
        }
        catch (JsonException)
        {
            // The parser's message may quote the payload, so it is not passed on.
            return new WebhookVerdict(null, "webhook.malformed", "The body is no event: JSON with id, type and created is expected.");
        }
    }
}
