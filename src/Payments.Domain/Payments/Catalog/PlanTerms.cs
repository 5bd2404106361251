using System.Text;
using Payments.Domain.Payments.Charges;
using Payments.Domain.Shared;

namespace Payments.Domain.Payments.Catalog;

/// <summary>All that an admin decides of a plan.</summary>
/// <param name="Type">Null: made from the name.</param>
public sealed record PlanTerms(
    string Name,
    string? Type,
    Money Price,
    BillingInterval Interval,
    int IntervalCount,
    int TrialDays,
    long CreditsPerPeriod,
    int? CreditsExpireAfterDays,
    string Family,
    int Rank,
    int MaximumQuantity,
    ResourceReference Access,
    RefundPolicy RefundPolicy,
    bool Active,
    int DisplayOrder,
    string? GatewayPriceId)
{
    private const int LongestName = 100;
    private const int LongestWord = 50;

    /// <summary>The provider's bound.</summary>
    private const int MostTrialDays = 730;

    /// <summary>Times the most seats that is still far from the most credits anybody can own.</summary>
    private const long MostCredits = 1_000_000_000;

    private const int MostExpiryDays = 3650;

    /// <summary>Lower-case words with hyphens: <c>Pro (Japan)</c> is <c>pro-japan</c>. Empty when the name has no ASCII letter or digit.</summary>
    public static string Slug(string name)
    {
        var slug = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(char.ToLowerInvariant(c));
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        return slug.ToString().TrimEnd('-');
    }

    internal void Require()
    {
        CatalogRefusals.RequireName(Name, LongestName);
        Demand(IsWord(Type ?? Slug(Name)), "type", $"A plan's type is 1 to {LongestWord} lower-case letters, digits and hyphens, such as monthly.");
        CatalogRefusals.RequirePrice(Price);
        Demand(Enum.IsDefined(Interval), "interval", "An interval is day, week, month or year.");
        var most = MostIntervals(Interval);
        Demand(IntervalCount >= 1 && IntervalCount <= most, "intervalCount", $"A period is at most three years: 1 to {most} of this interval.");
        Demand(TrialDays is >= 0 and <= MostTrialDays, "trialDays", $"A trial is 0 to {MostTrialDays} days.");
        Demand(CreditsPerPeriod is >= 0 and <= MostCredits, "creditsPerPeriod", $"The credits of a period are a whole number from 0 to {MostCredits}.");
        Demand(CreditsExpireAfterDays is null or (>= 1 and <= MostExpiryDays), "creditsExpireAfterDays", $"Credits expire after 1 to {MostExpiryDays} days, or never (null).");
        Demand(IsWord(Family), "family", $"A family is 1 to {LongestWord} lower-case letters, digits and hyphens, such as pro.");
        Demand(Rank >= 0, "rank", "A rank is 0 or more.");
        Demand(MaximumQuantity is >= 1 and <= PaymentTerms.MaximumQuantity, "maximumQuantity", $"The most seats are a whole number from 1 (no seats) to {PaymentTerms.MaximumQuantity}.");
        Demand(Access.IsSound, "access", "Access names a resource by type and id, or everything: platform and *.");
        Demand(Access.Type != ResourceReference.Platform.Type || Access == ResourceReference.Platform, "access.id", "The whole platform is platform and *.");
        Demand(Enum.IsDefined(RefundPolicy), "refundPolicy", "A refund policy is debt, clamp or block.");
        Demand(
            GatewayPriceId is null || (GatewayPriceId.Length is > 0 and <= 255 && GatewayPriceId.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')),
            "gatewayPriceId",
            "A gateway price id is what the provider calls a price, such as price_1P….");
    }

    /// <summary>Three years, which is the longest period the provider takes.</summary>
    private static int MostIntervals(BillingInterval interval) => interval switch
    {
        BillingInterval.Day => 1095,
        BillingInterval.Week => 156,
        BillingInterval.Month => 36,
        _ => 3,
    };

    private static bool IsWord(string? word) => word is { Length: > 0 and <= LongestWord } && word.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static void Demand(bool holds, string field, string message)
    {
        if (!holds)
        {
            throw new Refusal(RefusalKind.Invalid, "plan.invalid", message, field);
        }
    }
}
