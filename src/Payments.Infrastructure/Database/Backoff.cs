namespace Payments.Infrastructure.Database;

/// <summary>Delay before a failed thing is tried again: 1 s, 2 s, 4 s … one hour at most, each ±25 %, so that what failed together does not come back together.</summary>
internal static class Backoff
{
    public static TimeSpan After(int attempts)
    {
        var seconds = Math.Min(3600, Math.Pow(2, Math.Min(attempts - 1, 12)));
#pragma warning disable CA5394 // Jitter, not a secret.
        return TimeSpan.FromSeconds(seconds * (0.75 + (Random.Shared.NextDouble() / 2)));
#pragma warning restore CA5394
    }
}
