namespace Payments.Application.Shared;

/// <summary>Whether this process can do its work now.</summary>
public interface IReadiness
{
    Task<ReadinessReport> CheckAsync(CancellationToken cancellationToken);
}

/// <param name="Checks">Name of each check, and what is wrong with it (null: nothing).</param>
public sealed record ReadinessReport(IReadOnlyDictionary<string, string?> Checks)
{
    public bool Ready => Checks.Values.All(problem => problem is null);
}
