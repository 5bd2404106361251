namespace Payments.Domain.Payments.Charges;

/// <summary>Failure codes of payments that never came to anything at the provider.</summary>
public static class OpeningFailures
{
    /// <summary>There is no such saved card of the buyer's, or the provider does not take it for this.</summary>
    public const string MethodUnknown = "payment_method_unknown";

    /// <summary>The promotion code cannot be used for this, or not any more.</summary>
    public const string PromotionCodeInvalid = "promotion_code_invalid";

    /// <summary>With its promotion code it costs less than the provider takes.</summary>
    public const string AmountTooSmall = "amount_too_small";

    public const string AmountTooLarge = "amount_too_large";

    /// <summary>The plan costs something else by now, and the price that was agreed is not sold any more.</summary>
    public const string PriceChanged = "price_changed";

    /// <summary>The provider knows nothing of it, and its caller did not ask again.</summary>
    public const string GivenUp = "given_up";

    /// <summary>The provider did not take it for a reason of its own.</summary>
    public const string Refused = "refused";
}
