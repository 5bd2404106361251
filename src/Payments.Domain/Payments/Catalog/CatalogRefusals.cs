using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Catalog;

public static class CatalogRefusals
{
    /// <summary>Of one pack or period. Times the most pieces, that is the most credits anybody can own.</summary>
    internal const long MostCredits = 1_000_000_000_000;

    internal const int MostExpiryDays = 3650;

    private const int LongestName = 100;

    internal const string RefundPolicyWants = "A refund policy is debt, clamp or block.";

    internal static string ExpiryWants => $"Credits expire after 1 to {MostExpiryDays} days, or never (null).";

    public static Refusal PlanNotFound() => new(RefusalKind.NotFound, "plan.not_found", "There is no such plan.");

    public static Refusal PackNotFound() => new(RefusalKind.NotFound, "credit_pack.not_found", "There is no such credit pack.");

    public static Refusal ItemNotFound() => new(RefusalKind.NotFound, "item.not_found", "There is no such item.");

    public static Refusal ProductNotFound() => new(RefusalKind.NotFound, "product.not_found", "There is no such product.");

    public static Refusal ResourceTaken(string name) => new(RefusalKind.Conflict, "item.resource_taken", $"The item {name} gives the same, and is on sale: take that off sale first, or edit it.", "resourceId");

    public static Refusal PriceTaken() => new(RefusalKind.Conflict, "plan.gateway_price_taken", "This price is another plan's.", "gatewayPriceId");

    internal static Refusal? Name(string? name) => string.IsNullOrWhiteSpace(name) || name.Length > LongestName || name.Any(char.IsControl)
        ? new(RefusalKind.Invalid, "name.invalid", $"A name is 1 to {LongestName} characters on one line.", "name")
        : null;

    /// <summary>What one of it costs, where it is bought by itself: no less and no more than the provider takes, in steps of a currency that it charges in.</summary>
    internal static Refusal? Price(Money price) => PriceOfPart(price)
        ?? (price.Minor < price.Currency.LeastCharge
            ? new(RefusalKind.Invalid, "price.too_small", $"The payment provider takes {MoneyText.Format(new Money(price.Currency.LeastCharge, price.Currency))} at least.", "price.amount")
            : null);

    /// <summary>What one of it costs, where it may be a part of something larger.</summary>
    internal static Refusal? PriceOfPart(Money price) =>
        !price.Currency.IsSupported ? new(RefusalKind.Invalid, "price.currency", $"The payment provider does not charge in {price.Currency.Code.ToUpperInvariant()}.", "price.currency")
        : price.Minor is < 1 or > PaymentTerms.MaximumMinor ? new(RefusalKind.Invalid, "price.invalid", $"A price is a whole number of minor units from 1 to {PaymentTerms.MaximumMinor}.", "price.amount")
        : price.Minor % price.Currency.Step != 0 ? new(RefusalKind.Invalid, "price.step", $"A price in {price.Currency.Code.ToUpperInvariant()} is a multiple of {price.Currency.Step} minor units.", "price.amount")
        : null;
}
