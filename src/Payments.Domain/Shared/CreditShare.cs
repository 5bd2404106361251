namespace Payments.Domain.Shared;

/// <summary>What happens to credits that are wanted back and have been spent.</summary>
public enum SpentCredits
{
    /// <summary>They are owed: what there is and what comes later pays.</summary>
    BecomeDebt,

    /// <summary>Only what is left is taken.</summary>
    AreForgiven,

    /// <summary>Then nothing is taken at all.</summary>
    Refuse,
}

/// <summary>Which part of what was paid has gone back, or is in dispute, in minor units of one currency.</summary>
/// <param name="Reversed">Gone for good, or promised.</param>
/// <param name="Disputed">Held by the buyer's bank until it is decided.</param>
public readonly record struct CreditShare(long Reversed, long Disputed, long Paid)
{
    /// <summary>Of a lot, rounded down over the whole of each: many small refunds take what one large one would.</summary>
    public (long Returned, long Frozen) Of(long granted)
    {
        var returned = Part(granted, Reversed);
        return (returned, Part(granted, Reversed + Disputed) - returned);
    }

    private long Part(long granted, long back) => Paid <= 0 ? 0 : (long)((Int128)granted * Math.Clamp(back, 0, Paid) / Paid);
}
