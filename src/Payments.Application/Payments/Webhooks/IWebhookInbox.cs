using Payments.Domain.Shared;

namespace Payments.Application.Payments.Webhooks;

/// <summary>The durable queue of the provider's events.</summary>
public interface IWebhookInbox
{
    /// <summary>Verifies, stores and commits one delivery. Returns only when it is durable, or refused.</summary>
    /// <exception cref="Refusal"><c>webhook.overloaded</c> or <c>webhook.not_stored</c> (503): send it again later.</exception>
    Task<WebhookReceipt> ReceiveAsync(ReadOnlyMemory<byte> body, string? signatureHeader, CancellationToken cancellationToken);
}

/// <summary>Stored, or refused as not from the provider or unreadable (a value, not an exception: forgers must be cheap).</summary>
public readonly record struct WebhookReceipt(string? RefusalCode, string? Reason)
{
    public bool Stored => RefusalCode is null;
}
