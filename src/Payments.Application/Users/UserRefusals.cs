using Payments.Domain.Shared;

namespace Payments.Application.Users;

internal static class UserRefusals
{
    public static Refusal NotFound() => new(RefusalKind.NotFound, "user.not_found", "Nobody with this id has been seen.");
}
