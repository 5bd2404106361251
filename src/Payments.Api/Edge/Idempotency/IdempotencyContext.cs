using Payments.Application.Shared;

namespace Payments.Api.Edge.Idempotency;

/// <summary>Filled by the filter, read by the use case.</summary>
internal sealed class IdempotencyContext : IIdempotencyContext
{
    public string? Key { get; set; }
}
