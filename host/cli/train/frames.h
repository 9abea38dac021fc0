/* How the fit of a training grows: its answers at the start, after the epochs 1, 2, 3, 4, 6, 8, 12, 16 ... and at the
 * end, for --frames and for a --plot that moves. */
#ifndef CLFIT_CLI_FRAMES_H
#define CLFIT_CLI_FRAMES_H

#include "cli/io/samples.h"
#include "cli/train/history.h"

struct frames {
  bool wanted;                         /* if false, nothing is kept, and launches are not cut */
  clfit_frame items[CLFIT_FRAMES_MAX]; /* [count] */
  size_t count;
  double *z;      /* [CLFIT_FRAMES_MAX][LINE_POINTS], those of the items */
  uint64_t steps; /* those of the last frame, from the beginning of the training */

  double clock;  /* at the end of the last launch */
  uint64_t done; /* steps then */
  double pace;   /* steps a second; 0: not known yet */
};

/* Has frames kept from now on. Release with frames_clear, also a zeroed struct. */
clfit_status frames_open(struct frames *frames, clfit_error *error);
void frames_clear(struct frames *frames);

/* Appends a frame if the progress is at an epoch that is shown, or if it is the last one and none has been appended
 * there. Returns its z[LINE_POINTS], which the caller fills; NULL: there is no frame to keep. */
double *frames_next(struct frames *frames, const clfit_network *network, const clfit_progress *progress, bool last);

/* The last frame has the parameters of this earlier epoch (0: of none), to which patience went back at the end. */
void frames_go_back(struct frames *frames, uint32_t best_epoch);

/* Takes the losses that the frames do not have yet from a history, as far as that goes. */
void frames_take_losses(struct frames *frames, const struct history *history);

/* Steps of the next launch, so that it ends where the next frame is. launch_steps: at most so many; 0: as many as take
 * about 50 ms. */
uint32_t frames_limit(struct frames *frames, const clfit_network *network, const clfit_progress *progress,
                      uint32_t launch_steps);

#endif
