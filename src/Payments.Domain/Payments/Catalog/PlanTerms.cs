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
    private const int LongestWord = 50;

    /// <summary>The provider's bound.</summary>
    private const int MostTrialDays = 730;

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

    /// <summary>The first thing that is wrong with them; null: nothing.</summary>
    internal Refusal? Problem()
    {
        var most = MostIntervals(Interval);
        return CatalogRefusals.Name(Name)
            ?? Unless(IsWord(Type ?? Slug(Name)), "type", $"A plan's type is 1 to {LongestWord} lower-case letters, digits and hyphens, such as monthly.")
            ?? CatalogRefusals.Price(Price)
            ?? Unless(Enum.IsDefined(Interval), "interval", "An interval is day, week, month or year.")
            ?? Unless(IntervalCount >= 1 && IntervalCount <= most, "intervalCount", $"A period is at most three years: 1 to {most} of this interval.")
            ?? Unless(TrialDays is >= 0 and <= MostTrialDays, "trialDays", $"A trial is 0 to {MostTrialDays} days.")
            ?? Unless(CreditsPerPeriod is >= 0 and <= CatalogRefusals.MostCredits, "creditsPerPeriod", $"The credits of a period are a whole number from 0 to {CatalogRefusals.MostCredits}.")
            ?? Unless(CreditsExpireAfterDays is null or (>= 1 and <= CatalogRefusals.MostExpiryDays), "creditsExpireAfterDays", CatalogRefusals.ExpiryWants)
            ?? Unless(IsWord(Family), "family", $"A family is 1 to {LongestWord} lower-case letters, digits and hyphens, such as pro.")
            ?? Unless(Rank >= 0, "rank", "A rank is 0 or more.")
            ?? Unless(MaximumQuantity is >= 1 and <= PaymentTerms.MaximumQuantity, "maximumQuantity", $"The most seats are a whole number from 1 (no seats) to {PaymentTerms.MaximumQuantity}.")
            ?? Unless(Access.IsSound, "access", "Access names a resource by type and id, or everything: platform and *.")
            ?? Unless(Access.Type != ResourceReference.Platform.Type || Access == ResourceReference.Platform, "access.id", "The whole platform is platform and *.")
            ?? Unless(Enum.IsDefined(RefundPolicy), "refundPolicy", CatalogRefusals.RefundPolicyWants)
            ?? Unless(GatewayPriceId is null || IsGatewayId(GatewayPriceId), "gatewayPriceId", "A gateway price id is what the provider calls a price: 1 to 255 letters, digits and underscores.");
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

    private static bool IsGatewayId(string id) => id.Length is > 0 and <= 255 && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static Refusal? Unless(bool holds, string field, string message) => holds ? null : new(RefusalKind.Invalid, "plan.invalid", message, field);
}
