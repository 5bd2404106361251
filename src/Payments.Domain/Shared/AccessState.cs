namespace Payments.Domain.Shared;

/// <summary>What one source of access says now.</summary>
public enum AccessState
{
    Given,

    /// <summary>Taken away for a while: a dispute is open, say.</summary>
    Paused,

    Revoked,
}
