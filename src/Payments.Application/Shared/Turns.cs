using MediatR;
using Payments.Domain.Shared;

namespace Payments.Application.Shared;

/// <summary>A command about one thing that many callers may want at once: in each process they take turns.</summary>
public interface ITakesTurns
{
    Guid TurnKey { get; }
}

/// <summary>
/// Lets the commands about one thing through one after the other. The row lock decides between processes; but whoever
/// waits for it holds a database connection, and a rush on one user would take all of them from everybody else.
/// </summary>
internal sealed class Turns
{
    /// <summary>No line is endless: who comes later is told to come again.</summary>
    private const int MostInLine = 4096;

    private readonly Dictionary<Guid, Line> lines = [];

    /// <exception cref="Refusal"><c>line.full</c> (503)</exception>
    public async Task<IDisposable> TakeAsync(Guid key, CancellationToken cancellationToken)
    {
        Line? line;
        lock (lines)
        {
            if (!lines.TryGetValue(key, out line))
            {
                lines[key] = line = new Line();
            }

            if (line.Waiting >= MostInLine)
            {
                throw new Refusal(RefusalKind.Unavailable, "line.full", "Too many calls about this user are waiting; try again.");
            }

            line.Waiting++;
        }

        try
        {
            await line.Turn.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(key, line, tookTurn: false);
            throw;
        }

        return new Taken(this, key, line);
    }

    private void Leave(Guid key, Line line, bool tookTurn)
    {
        lock (lines)
        {
            if (tookTurn)
            {
                line.Turn.Release();
            }

            if (--line.Waiting == 0)
            {
                lines.Remove(key);
                line.Turn.Dispose();
            }
        }
    }

    private sealed class Line
    {
        public SemaphoreSlim Turn { get; } = new(1, 1);

        public int Waiting { get; set; }
    }

    private sealed class Taken(Turns turns, Guid key, Line line) : IDisposable
    {
        public void Dispose() => turns.Leave(key, line, tookTurn: true);
    }
}

internal sealed class TurnsBehaviour<TRequest, TResponse>(Turns turns) : IPipelineBehavior<TRequest, TResponse>
{
    public async Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        if (request is not ITakesTurns { TurnKey: var key })
        {
            return await next();
        }

        using var turn = await turns.TakeAsync(key, cancellationToken);
        return await next();
    }
}
