using Payments.Domain.Payments.Catalog;
using Payments.Domain.Shared;

namespace Payments.Application.Payments.Gateway;

/// <summary>The provider's prices in our words. Failures are <see cref="GatewayFailure"/>.</summary>
public interface IPlanGateway
{
    /// <inheritdoc cref="IPaymentGateway.Account"/>
    GatewayAccount Account { get; }

    /// <summary>A price that carries our plan's id, and a product with it unless there is one already.</summary>
    PreparedCall PreparePrice(NewPrice price);

    /// <summary>The price that a prepared checkout or subscription asks for.</summary>
    string PriceOf(PreparedCall call);

    /// <summary>The same call for another price.</summary>
    PreparedCall Reprice(PreparedCall call, string priceId);

    Task<PriceState> CreatePriceAsync(PreparedCall call, string idempotencyKey, CancellationToken cancellationToken);

    /// <summary>Looks for what an earlier send of unknown outcome may have made, by its look-up key; null when nothing is there.</summary>
    Task<PriceState?> FindPriceAsync(Guid key, CancellationToken cancellationToken);

    /// <summary>The price as it is now; null when the provider knows none of this id.</summary>
    Task<PriceState?> GetPriceAsync(string priceId, CancellationToken cancellationToken);

    /// <summary>Recurring prices, newest first, switched off ones too. Not all of them where there are very many: ask for one that is missed.</summary>
    Task<IReadOnlyList<PriceState>> ListPricesAsync(CancellationToken cancellationToken);
}

/// <param name="Key">Ours, unique at the provider.</param>
/// <param name="ProductName">For a new product.</param>
/// <param name="ProductId">The provider's; null makes a new one.</param>
public sealed record NewPrice(Guid Key, PlanId PlanId, PriceTerms Terms, string ProductName, string? ProductId);

/// <summary>A price as the provider has it.</summary>
/// <param name="Key">Our look-up key, null when it has none of ours.</param>
/// <param name="PlanId">From our metadata, null when it has none.</param>
/// <param name="Terms">Null when it is no plain recurring price: paid once, in tiers, by use, or in fractions of a minor unit.</param>
/// <param name="Active">Whether something may be sold at it: neither it nor its product is switched off.</param>
public sealed record PriceState(string PriceId, string? ProductId, Guid? Key, PlanId? PlanId, PriceTerms? Terms, bool Active, bool Livemode);
