using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Catalog;

public static class CatalogRefusals
{
    public static Refusal PlanNotFound() => new(RefusalKind.NotFound, "plan.not_found", "There is no such plan.");

    public static Refusal PackNotFound() => new(RefusalKind.NotFound, "credit_pack.not_found", "There is no such credit pack.");

    internal static void RequireName(string? name, int longest)
    {
        if (string.IsNullOrWhiteSpace(name) || name.Length > longest || name.Any(char.IsControl))
        {
            throw new Refusal(RefusalKind.Invalid, "name.invalid", $"A name is 1 to {longest} characters on one line.", "name");
        }
    }

    /// <summary>What one of it costs: something, no more than the provider takes, in steps of the currency.</summary>
    internal static void RequirePrice(Money price)
    {
        if (price.Minor is < 1 or > PaymentTerms.MaximumMinor)
        {
            throw new Refusal(RefusalKind.Invalid, "price.invalid", $"A price is a whole number of minor units from 1 to {PaymentTerms.MaximumMinor}.", "price.amount");
        }

        if (price.Minor % price.Currency.Step != 0)
        {
            throw new Refusal(RefusalKind.Invalid, "price.step", $"A price in {price.Currency.Code.ToUpperInvariant()} is a multiple of {price.Currency.Step} minor units.", "price.amount");
        }
    }
}
