namespace Payments.Domain.Shared;

/// <summary>Bounds of credits, wherever they are sold, granted or spent.</summary>
public static class CreditAmounts
{
    /// <summary>More credits than anybody can own: keeps every sum far from overflow.</summary>
    public const long Maximum = 1_000_000_000_000_000;
}
