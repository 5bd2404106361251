namespace Payments.Application.Payments.Webhooks;

/// <summary>
/// All that the endpoint reads of an event before it is stored. Lengths are checked: event id 1–255 characters,
/// type 1–255, object ids up to 255, none with NUL.
/// </summary>
/// <param name="Account">The connected account an event is about; null for our own.</param>
/// <param name="ObjectId">Id of data.object.</param>
/// <param name="RelatedId">The intent (or for charges the intent, for invoices the subscription) that ties the object to an aggregate.</param>
public sealed record WebhookHeader(
    string Id,
    string Type,
    DateTimeOffset Created,
    string? ApiVersion,
    bool Livemode,
    string? Account,
    string? ObjectId,
    string? RelatedId);

/// <summary>Checks a delivery's signature on its raw bytes and reads its header.</summary>
public interface IWebhookVerifier
{
    WebhookVerdict Verify(ReadOnlySpan<byte> body, string? signatureHeader, DateTimeOffset now);
}

/// <summary>Either a header, or the reason of refusal (stable code and text).</summary>
public readonly record struct WebhookVerdict(WebhookHeader? Header, string? RefusalCode, string? Reason);
