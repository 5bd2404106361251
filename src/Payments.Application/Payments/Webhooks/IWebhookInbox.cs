namespace Payments.Application.Payments.Webhooks;

/// <summary>The durable queue of the provider's events.</summary>
public interface IWebhookInbox
{
    /// <summary>Verifies, stores and commits one delivery. Returns only when it is durable.</summary>
    /// <exception cref="Domain.Shared.Refusal"><c>webhook.…</c> (400): not from the provider, or unreadable; <c>webhook.overloaded</c> or <c>webhook.not_stored</c> (503): send it again later.</exception>
    Task ReceiveAsync(ReadOnlyMemory<byte> body, string? signatureHeader, CancellationToken cancellationToken);
}
