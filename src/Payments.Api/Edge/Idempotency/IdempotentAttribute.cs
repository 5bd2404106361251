using Microsoft.AspNetCore.Mvc.Filters;

namespace Payments.Api.Edge.Idempotency;

/// <summary>
/// The action takes <c>Idempotency-Key</c>: the same key and body get the same answer, another body 422, and a second
/// call while the first still runs 409. Without the header nothing is remembered.
/// </summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class)]
internal sealed class IdempotentAttribute : Attribute, IFilterFactory
{
    public const string Header = "Idempotency-Key";

    public const string ReplayedHeader = "Idempotent-Replayed";

    public bool IsReusable => false;

    public IFilterMetadata CreateInstance(IServiceProvider serviceProvider) => ActivatorUtilities.CreateInstance<IdempotencyFilter>(serviceProvider);
}
