using Payments.Domain.Payments.Catalog;
using Payments.Domain.Payments.Orders;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Charges;

/// <summary>What happens to credits that were spent before their payment was refunded.</summary>
public enum RefundPolicy
{
    /// <summary>They become a debt that later grants pay first.</summary>
    Debt,

    /// <summary>Only what is left is taken back.</summary>
    Clamp,

    /// <summary>A refund that we are asked for is refused.</summary>
    Block,
}

/// <summary>
/// What was shown to the buyer, fixed when the payment is opened: later edits of the catalog change nothing of it.
/// </summary>
public sealed record PaymentTerms(
    PaymentKind Kind,
    CreditPackId? CreditPackId,
    string Description,
    Money UnitPrice,
    int Quantity,
    long Credits,
    int? CreditsExpireAfterDays,
    RefundPolicy RefundPolicy)
{
    public PlanId? PlanId { get; init; }

    public ItemId? ItemId { get; init; }

    public OrderId? OrderId { get; init; }

    /// <summary>What the buyer may use from then on; null: nothing.</summary>
    public ResourceReference? Access { get; init; }

    /// <summary>Days after payment in which the buyer may give it back without asking; null: it takes one of the staff.</summary>
    public int? RefundWindowDays { get; init; }

    /// <summary>Nobody wants it twice: an open payment for it is handed back.</summary>
    public bool IsOnlyOnce => PlanId is not null || ItemId is not null || OrderId is not null;

    /// <summary>Days before anything is charged; 0 for none.</summary>
    public int TrialDays { get; init; }

    /// <summary>Most pieces of one thing in a purchase.</summary>
    public const int MaximumQuantity = 1000;

    /// <summary>The largest amount the provider takes: eight digits of minor units.</summary>
    public const long MaximumMinor = 99_999_999;

    /// <summary>Due now: nothing while a trial runs.</summary>
    public Money Subtotal => TrialDays > 0 ? Money.Zero(UnitPrice.Currency) : UnitPrice * Quantity;

    /// <exception cref="Refusal"><c>quantity.invalid</c>, <c>amount.too_small</c>, <c>amount.too_large</c></exception>
    public static PaymentTerms ForPack(CreditPack pack, int quantity)
    {
        RequireQuantity(quantity);
        return Affordable(new(
            PaymentKind.CreditPack,
            pack.Id,
            quantity == 1 ? pack.Name : $"{quantity} × {pack.Name}",
            pack.Price,
            quantity,
            checked(pack.Credits * quantity),
            pack.CreditsExpireAfterDays,
            pack.RefundPolicy));
    }

    /// <param name="policy">What becomes of spent ones when the money goes back.</param>
    /// <param name="credits">A free amount of credits, within the bounds of the configuration.</param>
    /// <inheritdoc cref="ForPack"/>
    public static PaymentTerms ForCredits(int credits, Money priceOfOne, int quantity, RefundPolicy policy)
    {
        RequireQuantity(quantity);
        return Affordable(new(
            PaymentKind.CreditAmount,
            null,
            quantity == 1 ? $"{credits} credits" : $"{quantity} × {credits} credits",
            priceOfOne * credits,
            quantity,
            checked((long)credits * quantity),
            null,
            policy));
    }

    /// <param name="trial">The buyer may have the plan's trial.</param>
    /// <param name="quantity">Seats.</param>
    /// <exception cref="Refusal"><c>quantity.invalid</c>, <c>amount.too_small</c>, <c>amount.too_large</c></exception>
    public static PaymentTerms ForPlan(Plan plan, int quantity, bool trial)
    {
        plan.RequireQuantity(quantity);
        var terms = new PaymentTerms(
            PaymentKind.Subscription,
            null,
            quantity == 1 ? plan.Name : $"{quantity} × {plan.Name}",
            plan.Price,
            quantity,
            0, // Its invoices grant a period's credits.
            plan.CreditsExpireAfterDays,
            plan.RefundPolicy) { PlanId = plan.Id };
        return Affordable(terms) with { TrialDays = trial ? plan.TrialDays : 0 };
    }

    /// <exception cref="Refusal"><c>amount.too_small</c>, <c>amount.too_large</c></exception>
    public static PaymentTerms ForItem(Item item, int refundWindowDays) =>
        Affordable(new PaymentTerms(PaymentKind.Item, null, item.Name, item.Price, 1, 0, null, RefundPolicy.Debt) { ItemId = item.Id, Access = item.Access, RefundWindowDays = refundWindowDays });

    /// <summary>Its prices were fixed when it was placed.</summary>
    /// <exception cref="Refusal"><c>amount.too_small</c>, <c>amount.too_large</c></exception>
    public static PaymentTerms ForOrder(Order order) =>
        Affordable(new PaymentTerms(PaymentKind.Order, null, order.Description, order.Total, 1, 0, null, RefundPolicy.Debt) { OrderId = order.Id });

    private static void RequireQuantity(int quantity)
    {
        if (quantity is < 1 or > MaximumQuantity)
        {
            throw new Refusal(RefusalKind.Invalid, "quantity.invalid", $"A quantity is a whole number from 1 to {MaximumQuantity}.", "quantity");
        }
    }

    private static PaymentTerms Affordable(PaymentTerms terms)
    {
        var (amount, currency) = terms.Subtotal;
        if (amount < currency.LeastCharge)
        {
            throw new Refusal(RefusalKind.Invalid, "amount.too_small", PaymentRefusals.TooSmall(currency, promotionCode: null), "quantity");
        }

        if (amount > MaximumMinor)
        {
            throw new Refusal(RefusalKind.Invalid, "amount.too_large", PaymentRefusals.TooLarge(currency), "quantity");
        }

        return amount % currency.Step == 0
            ? terms
            : throw new Refusal(RefusalKind.Invalid, "amount.step", $"An amount in {currency.Code.ToUpperInvariant()} is a multiple of {currency.Step} minor units.", "quantity");
    }
}
