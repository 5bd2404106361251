using Payments.Application.Shared;

namespace Payments.Infrastructure.Database;

internal sealed class IdGenerator : IIdGenerator
{
    public Guid Next() => Guid.CreateVersion7();
}
