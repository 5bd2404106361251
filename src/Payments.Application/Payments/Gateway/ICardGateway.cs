using Payments.Domain.Payments.PaymentMethods;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Gateway;

/// <summary>
/// Saved cards and the customer's own page at the provider. Card data goes from the buyer's browser to the provider; what
/// comes back names a card, and never holds one. Failures are <see cref="GatewayFailure"/>; a write of unknown outcome is
/// settled by sending it again under the same key, or by looking at the card.
/// </summary>
public interface ICardGateway
{
    /// <summary>Lets the buyer's page save a card for payments in the buyer's absence.</summary>
    Task<SetupState> OpenSetupAsync(string customerId, UserId userId, string idempotencyKey, CancellationToken cancellationToken);

    Task<CardState> GetCardAsync(string methodId, CancellationToken cancellationToken);

    /// <summary>Refused (<see cref="GatewayFailureKind.Conflict"/>) when it is attached already, or was used up before.</summary>
    Task<CardState> AttachAsync(string methodId, string customerId, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Refused (<see cref="GatewayFailureKind.Conflict"/>) when it is attached to nobody.</summary>
    Task<CardState> DetachAsync(string methodId, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>The card that later payments take.</summary>
    Task MakeDefaultAsync(string customerId, string methodId, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>All that is saved for a customer, as it is now.</summary>
    Task<WalletState> GetWalletAsync(string customerId, CancellationToken cancellationToken);

    /// <summary>The address of a page of the provider's where the customer manages cards, subscriptions and invoices; it works for some minutes.</summary>
    Task<string> OpenPortalAsync(string customerId, string returnUrl, string idempotencyKey, CancellationToken cancellationToken);
}

public enum SetupStatus
{
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    Succeeded,
    Canceled,
}

/// <summary>A card on its way to be saved.</summary>
public sealed record SetupState(string SetupId, SetupStatus Status, string? ClientSecret, string? CustomerId, string? MethodId);

/// <param name="CustomerId">Null when it is attached to nobody.</param>
/// <param name="Card">Null for what is no card.</param>
public sealed record CardState(string MethodId, string? CustomerId, CardDetails? Card, DateTimeOffset CreatedAt);

/// <param name="Deleted">The provider has the customer no more.</param>
public sealed record WalletState(bool Deleted, string? DefaultId, IReadOnlyList<CardState> Cards);
