namespace Payments.Application.Shared;

/// <summary>Writes down what staff asked for and did not get.</summary>
public interface IRefusalLog
{
    /// <summary>By a rule of the use case.</summary>
    /// <param name="code">Of the refusal.</param>
    Task WriteAsync(IStaffWrite write, string code, CancellationToken cancellationToken);

    /// <summary>By their role, before any use case was reached.</summary>
    /// <param name="call">Method and path.</param>
    Task WriteAsync(Actor actor, string call, CancellationToken cancellationToken);
}
