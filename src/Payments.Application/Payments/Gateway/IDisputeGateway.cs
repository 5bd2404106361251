using Payments.Domain.Payments.Disputes;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Gateway;

/// <summary>Disputes at the payment provider, in our words.</summary>
public interface IDisputeGateway
{
    Task<DisputeState> GetDisputeAsync(string gatewayId, CancellationToken cancellationToken);
}

/// <summary>A dispute as the provider has it.</summary>
/// <param name="Fee">What it has cost us so far besides the amount; null when it cost nothing yet.</param>
public sealed record DisputeState(
    string GatewayId,
    string? IntentId,
    string? ChargeId,
    DisputeStatus Status,
    Money Amount,
    Money? Fee,
    string Reason,
    DateTimeOffset? EvidenceDueBy,
    DateTimeOffset CreatedAt);
